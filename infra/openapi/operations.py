"""One operation of the document per route of the catalog."""

import inspect
import json
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from domain.model.idempotency import KEPT, IdempotencyKey
from functions.catalog import Function, Kind, Route
from functions.runtime.dotted import load
from functions.runtime.http import EDGE_FIELDS, SANE_CORRELATION_ID
from functions.runtime.problems import Problem
from infra.local.layout import ROOT
from infra.openapi import conversation
from infra.openapi.docstrings import parse
from infra.openapi.refusals import SAYS_WHEN_TO_REPEAT, Refused, by_status, refusals_of
from infra.openapi.schemas import Components, Schema

Json = dict[str, Any]
EVENTS = ROOT / "events"
HOURS_KEPT = int(KEPT.total_seconds()) // 3600

HEADERS: Json = {
    "X-Correlation-Id": {
        "description": "Names the request in every log line and event it caused.",
        "schema": {"type": "string"},
    },
    "Location": {"description": "Address of what was made.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` when this was answered before: nothing was changed now. Absent otherwise.",
        "schema": {"const": "true", "type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request may succeed.",
        "schema": {"minimum": 1, "type": "integer"},
    },
}

PARAMETERS: Json = {
    "X-Correlation-Id": {
        "name": "X-Correlation-Id",
        "in": "header",
        "description": (
            f"Your name for this request, if it fits `{SANE_CORRELATION_ID.pattern}`; anything else is no error, "
            "but one is made, as when it is left out."
        ),
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "Makes the command safe to send twice: the same key and request within "
            f"{HOURS_KEPT} hours get the same answer, and nothing is done again."
        ),
        "schema": TypeAdapter(IdempotencyKey).json_schema(),
    },
}


class Operation:
    """Describes what one function answers.

    Args:
        function: A row with a route.
        route: That route.
        components: Where named schemas are kept.
    """

    def __init__(self, function: Function, route: Route, components: Components) -> None:
        self.function = function
        self.route = route
        self._components = components
        self._message = load(function.message)
        self._handler = load(function.message_handler)

    @property
    def tag(self) -> str:
        """What it is about: the last word of its path."""
        words = [part for part in self.route.path.split("/") if part and not part.startswith("{")]
        return words[-1].replace("-", " ").capitalize()

    def described(self) -> Json:
        """Return the operation object."""
        words, work = parse(self._message.__doc__), parse(self._handler.__doc__)
        # What follows a semicolon says more than a heading has room for.
        summary, _, rest = words.summary.removesuffix(".").partition("; ")
        more = f"{rest[:1].upper()}{rest[1:]}." if rest else ""
        paragraphs = (more, words.description, work.summary, work.description)
        parameters, body = self._parameters(), self._body()
        return {
            "operationId": self.function.name,
            "tags": [self.tag],
            "summary": summary,
            "description": "\n\n".join(filter(None, paragraphs)),
            **({"security": []} if self.route.is_public else {}),
            "parameters": parameters,
            **({"requestBody": body} if body else {}),
            "responses": {str(self.route.status): self._success()} | self._refusals(),
        }

    @cached_property
    def _sample(self) -> Json:
        """What Lambda gets; empty while there is no sample."""
        path = EVENTS / f"{self.function.name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    @property
    def _is_command(self) -> bool:
        return self.function.kind is Kind.COMMAND

    @property
    def _fields(self) -> frozenset[str]:
        """What of the message the client gives."""
        return frozenset(self._message.model_fields) - EDGE_FIELDS

    @property
    def _in_body(self) -> frozenset[str]:
        return self._fields - self.route.path_parameters if self._is_command else frozenset()

    def _parameters(self) -> list[Json]:
        fields = self._components.parameters(self._message, self._fields - self._in_body)
        sent = (self._sample.get("pathParameters") or {}) | (self._sample.get("queryStringParameters") or {})
        headers = ["X-Correlation-Id", *(["Idempotency-Key"] if self._is_command else [])]
        return [
            *(self._parameter(name, schema, sent.get(name)) for name, schema in fields.items()),
            *({"$ref": f"#/components/parameters/{name}"} for name in headers),
        ]

    def _parameter(self, name: str, schema: Schema, sent: str | None) -> Json:
        in_path = name in self.route.path_parameters
        said = schema.pop("description", "")
        # In a proxy event every value is text.
        example = sent if sent is None or schema.get("type") == "string" else json.loads(sent)
        return {
            "name": name,
            "in": "path" if in_path else "query",
            **({"required": True} if in_path else {}),
            **({"description": said} if said else {}),
            "schema": schema,
            **({} if example is None else {"example": example}),
        }

    def _body(self) -> Json:
        if not self._in_body:
            return {}
        name = self._message.__name__.removesuffix("Command")
        schema = self._components.request(self._message, name, self._in_body)
        asked = self._components.schema(schema)
        sent = self._sample.get("body")
        return {
            "required": bool(asked.keys() & {"required", "anyOf"}),
            "content": {
                "application/json": {"schema": schema, **({"example": json.loads(sent)} if sent else {})},
            },
        }

    def _success(self) -> Json:
        answer = inspect.signature(self._handler.handle, eval_str=True).return_annotation
        words = parse(self._handler.handle.__doc__)
        shown = conversation.example(self.route)
        return {
            "description": "\n\n".join(filter(None, (words.summary, words.description))),
            "headers": _headers(
                "X-Correlation-Id",
                *(["Location"] if self.route.status == 201 else []),
                *(["Idempotent-Replayed"] if self._is_command else []),
            ),
            "content": {
                "application/json": {
                    "schema": self._components.answer(answer),
                    **({} if shown is None else {"example": shown}),
                },
            },
        }

    def _refusals(self) -> Json:
        return {
            str(status): response_reference(refused[0])
            if all(one.is_common for one in refused)
            else response(refused, self._components)
            for status, refused in by_status(refusals_of(self.function)).items()
        }


def response(refused: list[Refused], components: Components) -> Json:
    """Return the response object of refusals that share a status."""
    retries = SAYS_WHEN_TO_REPEAT & {one.code for one in refused}
    return {
        "description": "\n".join(f"- `{one.code}`: {one.when}" for one in refused),
        "headers": _headers("X-Correlation-Id", *(["Retry-After"] if retries else [])),
        "content": {
            "application/problem+json": {
                "schema": components.answer(Problem)
                | {
                    "properties": {
                        "code": {"enum": [one.code for one in refused]},
                        "status": {"const": refused[0].status},
                    },
                },
                "examples": {one.code: {"summary": one.when, "value": one.example()} for one in refused},
            },
        },
    }


def response_name(refused: Refused) -> str:
    """Return what the shared response of a common refusal is called."""
    return refused.class_.__name__


def response_reference(refused: Refused) -> Json:
    """Return a reference to the shared response of a common refusal."""
    return {"$ref": f"#/components/responses/{response_name(refused)}"}


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
