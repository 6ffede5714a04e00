"""The HTTP edge: an API Gateway event becomes a command or query, its answer or refusal a response."""

import base64
import re
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from domain.cqrs import OfUser
from domain.model.errors import LostRace, Refusal, StorageUnavailable
from domain.model.value import CorrelationId, Trace, UserId
from functions.catalog import Kind, Route
from functions.runtime.cors import allowed_origins, cors_headers
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import log_error
from functions.runtime.problems import (
    STATUSES,
    InternalError,
    MalformedJson,
    PayloadTooLarge,
    Unauthenticated,
    headers_of,
    invalid_input,
    problem,
    unknown_fields,
)
from functions.runtime.settings import Settings

MAX_BODY_BYTES = 5 * 1024 * 1024
SANE_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
EDGE_FIELDS = frozenset({"user", "trace", "idempotency_key"})
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

JsonMap = Mapping[str, Any]


class HttpFunction(RuntimeFunction):
    """Answers one operation. Nothing that a client can send leaves as an exception."""

    def __call__(self, event: JsonMap, context: Any) -> dict[str, Any]:
        """Return the response to one API Gateway proxy event (payload 1.0)."""
        correlation_id = self._correlation_id(event)
        with self.observer.invocation(self.row.name, context) as line:
            line["correlation_id"] = correlation_id
            response = self._respond(event, correlation_id, line)
            response["headers"] |= cors_headers(self._origins, _header(event, "origin"))
            line["status"] = response["statusCode"]
        return response

    def _respond(self, event: JsonMap, correlation_id: CorrelationId, line: dict[str, Any]) -> dict[str, Any]:
        refusal: Refusal
        try:
            return self._answer(event, correlation_id, line)
        except Refusal as raised:
            refusal = raised
        except LostRace:
            refusal = StorageUnavailable(retry_after_seconds=1)
        except Exception as error:  # noqa: BLE001  # the edge lets nothing out: it is logged, raises an alarm, and tells nothing
            log_error("defect", error, line)
            refusal = InternalError()
        line["code"] = refusal.code
        return _response(STATUSES[refusal.code], correlation_id, problem(refusal, correlation_id), headers_of(refusal))

    def _answer(self, event: JsonMap, correlation_id: CorrelationId, line: dict[str, Any]) -> dict[str, Any]:
        message_class = self.message_class
        context: dict[str, Any] = {"trace": Trace(correlation_id=correlation_id)}
        if issubclass(message_class, OfUser):
            context["user"] = line["user"] = user_of(event)
        if self.row.kind is Kind.COMMAND:
            context["idempotency_key"] = _header(event, "idempotency-key")
        path = event.get("pathParameters") or {}
        query = event.get("queryStringParameters") or {}
        sent, misplaced = (query, {}) if self.row.kind is Kind.QUERY else (_body(event), query)
        unknown = sent.keys() - (message_class.model_fields.keys() - EDGE_FIELDS - path.keys())
        if unknown or misplaced:
            raise unknown_fields(unknown | misplaced.keys())
        fields = {**sent, **path, **context}
        try:
            message = message_class.model_validate(fields)
        except ValidationError as invalid:
            raise invalid_input(invalid, fields) from None
        line["session_id"] = getattr(message, "session_id", None)
        answer = self.registry.execute(message)
        line["session_id"] = line["session_id"] or getattr(answer, "id", None)
        return _response(self.route.status, correlation_id, answer, self._headers(answer))

    @property
    def route(self) -> Route:
        """The operation this function answers."""
        if not isinstance(self.row.trigger, Route):
            raise TypeError(self.row.name)
        return self.row.trigger

    @cached_property
    def _origins(self) -> frozenset[str]:
        return allowed_origins(self.container.get(Settings).cors_origins)

    def _headers(self, answer: Any) -> dict[str, str]:
        location = {"Location": f"/v1/sessions/{answer.id}"} if self.route.status == 201 else {}
        replayed = {"Idempotent-Replayed": "true"} if answer.is_replayed else {}
        return {"Content-Type": "application/json"} | location | replayed

    def _correlation_id(self, event: JsonMap) -> CorrelationId:
        sent = _header(event, "x-correlation-id")
        is_sane = isinstance(sent, str) and SANE_CORRELATION_ID.fullmatch(sent)
        return CorrelationId(sent if is_sane and sent else self.ids.correlation_id())


def _header(event: JsonMap, name: str) -> Any:
    headers = event.get("headers") or {}
    return next((value for sent, value in headers.items() if sent.lower() == name), None)


def user_of(event: JsonMap) -> UserId:
    """Return the user behind a request: base64url(SHA-256(issuer + NUL + sub)).

    Raises:
        Unauthenticated: the authorizer named no issuer or subject, or let a user pool's token in that never ends.
    """
    authorizer = _map(_map(event.get("requestContext")).get("authorizer"))
    claims = _map(authorizer.get("claims"))
    if claims and "exp" not in claims:
        raise Unauthenticated
    claims = claims or authorizer
    issuer, subject = claims.get("iss"), claims.get("sub")
    # A NUL inside the issuer would let two pairs of issuer and subject read the same.
    if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject and "\0" not in issuer):
        raise Unauthenticated
    try:
        digest = sha256(f"{issuer}\0{subject}".encode()).digest()
    except UnicodeEncodeError:
        raise Unauthenticated from None
    return UserId(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def _map(value: Any) -> JsonMap:
    return value if isinstance(value, Mapping) else {}


def _body(event: JsonMap) -> dict[str, Any]:
    data = _sent_bytes(event)
    if len(data) > MAX_BODY_BYTES:
        raise PayloadTooLarge
    try:
        body = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise MalformedJson from None
    if not isinstance(body, dict):
        raise MalformedJson
    return body


def _sent_bytes(event: JsonMap) -> bytes:
    sent: str = event.get("body") or "{}"
    if not event.get("isBase64Encoded"):
        return sent.encode(errors="surrogatepass")
    try:
        return base64.b64decode(sent)
    except ValueError:
        raise MalformedJson from None


def _response(
    status: int, correlation_id: CorrelationId, body: BaseModel, headers: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {**HEADERS, **headers, "X-Correlation-Id": correlation_id},
        "body": body.model_dump_json(exclude_none=True),
    }
