"""The error table: every failure as `application/problem+json` (RFC 9457) with a stable code."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.model.errors import FieldError, InvalidInput, Refusal
from domain.model.value import Value

STATUSES: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "ROUTE_NOT_FOUND": 404,
    "PAYLOAD_TOO_LARGE": 413,
    "MALFORMED_JSON": 400,
    "VALIDATION_ERROR": 422,
    "SESSION_NOT_FOUND": 404,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "APPROVAL_NOT_FOUND": 404,
    "PLAN_NOT_FOUND": 404,
    "TOOL_CALL_NOT_FOUND": 404,
    "SESSION_ALREADY_EXISTS": 409,
    "SESSION_BUSY": 409,
    "SESSION_INACTIVE": 409,
    "AGENT_SWITCH_ERROR": 409,
    "APPROVAL_ALREADY_DECIDED": 409,
    "APPROVAL_EXPIRED": 409,
    "APPROVAL_REQUIRED": 409,
    "TOOL_CALL_CLOSED": 409,
    "PLAN_STATE": 409,
    "RATE_LIMITED": 429,
    "STORAGE_UNAVAILABLE": 503,
    "INTERNAL_ERROR": 500,
}
"""HTTP status of every code there is, the gateway's own answers included."""

MAX_ERRORS = 20
"""A body of 5 MB can hold half a million wrong fields; an answer that named each would not fit Lambda's 6 MB."""


class Unauthenticated(Refusal):
    """No user stands behind the request."""

    code = "UNAUTHENTICATED"
    detail = "Send a valid token: Authorization: Bearer <JWT>."


class PayloadTooLarge(Refusal):
    """The body is over the limit."""

    code = "PAYLOAD_TOO_LARGE"
    detail = "The body is larger than 5 MB. Send less."


class MalformedJson(Refusal):
    """The body is no JSON object."""

    code = "MALFORMED_JSON"
    detail = "The body must be one JSON object in UTF-8, without NaN or Infinity and nested at most 200 deep."


class InternalError(Refusal):
    """A defect of ours; nothing of it is told to the caller."""

    code = "INTERNAL_ERROR"
    detail = "Something went wrong on our side. Repeat the request; if it happens again, report the correlation id."


def title_of(code: str) -> str:
    """Return a code as words.

    >>> title_of("SESSION_NOT_FOUND")
    'Session not found'
    """
    return code.replace("_", " ").capitalize()


class Problem(Value):
    """The body of an error answer.

    Attributes:
        type: `urn:agent-runtime:error:` and the code.
        title: The code in words.
        status: Of the answer.
        detail: What is wrong or what to do about it, in a sentence for people.
        code: Stable: the one thing to decide by.
        correlation_id: Of the request; name it when you ask for help.
        errors: What is wrong with which field; None unless the code is VALIDATION_ERROR.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: tuple[FieldError, ...] | None = None


def problem(refusal: Refusal, correlation_id: str) -> Problem:
    """Return the body that tells a client of `refusal`."""
    return Problem(
        type=f"urn:agent-runtime:error:{refusal.code}",
        title=title_of(refusal.code),
        status=STATUSES[refusal.code],
        detail=str(refusal),
        code=refusal.code,
        correlation_id=correlation_id,
        errors=refusal.errors if isinstance(refusal, InvalidInput) else None,
    )


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers that belong to `refusal`, whoever answers with it: what the body is, and what to do next.

    API Gateway renames a function's own `WWW-Authenticate` to `x-amzn-Remapped-WWW-Authenticate`; its own it keeps.

    >>> headers_of(Unauthenticated())
    {'Content-Type': 'application/problem+json', 'WWW-Authenticate': 'Bearer'}

    Source:
        "Important notes" of Amazon API Gateway's developer guide: remapped headers.
    """
    headers = {"Content-Type": "application/problem+json"}
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after_seconds is not None:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    return headers


def invalid_input(error: ValidationError, sent: Any) -> InvalidInput:
    """Return the refusal that says which field of `sent` is wrong and why, without repeating what was sent."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    # What may be left out may be None, in Python; to a client it is what it sent that is wrong.
    told = [fault for fault in faults if fault["type"] != "none_required"] or faults
    return InvalidInput(
        *(
            _field_error(
                ".".join(_names(fault["loc"], sent, is_missing=fault["type"] == "missing")) or "body",
                fault["msg"].removeprefix("Value error, "),
            )
            for fault in told[:MAX_ERRORS]
        )
    )


def _names(place: tuple[int | str, ...], sent: Any, *, is_missing: bool) -> Iterator[str]:
    """Yield the names that lead through `sent` to a fault; Pydantic's own, of our types and functions, are left out."""
    for part in place[: len(place) - is_missing]:
        is_there = part in sent if isinstance(sent, dict) else isinstance(sent, list) and part in range(len(sent))
        if is_there:
            sent = sent[part]
            yield str(part)
    if is_missing:
        yield str(place[-1])


def unknown_fields(names: Iterable[str]) -> InvalidInput:
    """Return the refusal of fields that the contract does not have."""
    return InvalidInput(*(_field_error(name, "there is no such field") for name in sorted(names)[:MAX_ERRORS]))


def _field_error(name: str, message: str) -> FieldError:
    # Names may be the client's own words: any length, and with lone surrogates, which no answer in UTF-8 can repeat.
    return FieldError(field=name[:100].encode(errors="replace").decode(), message=message)
