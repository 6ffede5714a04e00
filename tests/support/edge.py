"""Functions as Lambda calls them: the real handlers, on any system, with variations of their sample events."""

import json
from copy import copy
from dataclasses import dataclass
from typing import Any

from functions.catalog import row
from functions.runtime.dotted import load
from functions.runtime.function import RuntimeFunction
from tests.support.samples import sample
from tests.support.system import System


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells of an invocation, as far as anyone here asks."""

    aws_request_id: str = "invocation-1"
    milliseconds: int = 120_000

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until Lambda ends the invocation."""
        return self.milliseconds


@dataclass(frozen=True)
class Response:
    """What API Gateway is given."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error answer."""
        code: str = self.json["code"]
        return code

    @property
    def wrong_fields(self) -> list[str]:
        """Fields that a 422 names."""
        return [error["field"] for error in self.json["errors"]]


def entry_point(name: str) -> RuntimeFunction:
    """Return the object that Lambda calls for the function `name`."""
    module, _, attribute = row(name).entry_point.rpartition(".")
    function: RuntimeFunction = load(f"{module}:{attribute}")
    return function


def started(name: str, system: System) -> Any:
    """Return a copy of the function's real handler that works on `system`."""
    function = copy(entry_point(name))
    function.container = system.container
    return function


class Edge:
    """The HTTP functions of a system."""

    def __init__(self, system: System) -> None:
        self.system = system

    def send(self, name: str, event: dict[str, Any]) -> Response:
        """Return the answer of function `name` to an event."""
        answer = started(name, self.system)(event, LambdaContext())
        assert answer.keys() == {"statusCode", "headers", "body"}
        return Response(answer["statusCode"], answer["headers"], answer["body"])

    def call(self, name: str, fields: Any = None, **changes: Any) -> Response:
        """Return the answer to the function's sample event, changed.

        Args:
            name: Of the function.
            fields: Sent as JSON instead of the sample's body, unless it is None.
            changes: Fields of the event that stand in for the sample's; `path`, `query` and `authorizer` for short.
        """
        event = sample(name)
        if fields is not None:
            event["body"] = json.dumps(fields)
        if "authorizer" in changes:
            event["requestContext"]["authorizer"] = changes.pop("authorizer")
        short = {"path": "pathParameters", "query": "queryStringParameters"}
        return self.send(name, event | {short.get(field, field): value for field, value in changes.items()})
