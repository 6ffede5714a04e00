"""What the functions answer is what docs/openapi.json promises, success or refusal."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from domain.model.value import CallId, SessionKey
from infra.openapi.document import document
from tests.support.api_contract import ApiContract, routes
from tests.support.edge import Edge, Response
from tests.support.samples import sample

CONTRACT = ApiContract(document())
EVERY_OPERATION = pytest.mark.parametrize("name", [row.name for row, _ in routes()])

Change = Callable[[dict[str, Any]], dict[str, Any]]
CHANGES: Mapping[str, Change] = {
    "nothing": lambda _: {},
    "no token": lambda event: {"requestContext": event["requestContext"] | {"authorizer": {}}},
    "another session": lambda event: {"pathParameters": dict.fromkeys(event["pathParameters"] or {}, "another")},
    "a path that is no id": lambda event: {"pathParameters": dict.fromkeys(event["pathParameters"] or {}, "a b")},
    "a query that nobody asked for": lambda _: {"queryStringParameters": {"nonsense": "1"}},
    "a body that is no JSON": lambda _: {"body": "{"},
    "an empty body": lambda _: {"body": "{}"},
    "a field too many": lambda _: {"body": '{"nonsense": 1}'},
    "an idempotency key that is none": lambda event: {"headers": event["headers"] | {"Idempotency-Key": "é"}},
}


def faults(name: str, response: Response) -> list[str]:
    """Return what of an answer was not promised."""
    return CONTRACT.faults(name, response.status, response.headers, response.json)


@EVERY_OPERATION
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("session", "waiting")
def test_answer_is_a_promised_one_whatever_is_sent(name: str, change: str, edge: Edge) -> None:
    """Status, type, code and shape of each answer stand in the description."""
    event = sample(name)

    response = edge.send(name, event | CHANGES[change](event))

    assert faults(name, response) == []


@EVERY_OPERATION
@pytest.mark.usefixtures("session", "waiting")
def test_repeat_is_a_promised_answer_when_a_key_is_sent(name: str, edge: Edge) -> None:
    """The second answer to the same key, the same request or another, stands in the description."""
    event = sample(name)
    event["headers"] |= {"Idempotency-Key": "again"}

    responses = [edge.send(name, event | {"body": body}) for body in (event["body"], event["body"], "{}")]

    assert [faults(name, response) for response in responses] == [[], [], []]


def test_events_are_promised_ones_when_a_turn_has_been_worked_on(
    edge: Edge, session: SessionKey, waiting: CallId
) -> None:
    """Every event of a session that waits for its client has the shape of its type."""
    response = edge.call("list_events", query={"after": "0", "limit": "200"})

    types = {event["type"] for event in response.json["items"]}
    assert faults("list_events", response) == []
    assert session.session_id in event_sessions(response)
    assert waiting in str(response.json)
    assert {"SessionCreated", "MessageAdded", "AgentSwitched", "ToolCallRequested", "TurnWaiting"} <= types


def event_sessions(response: Response) -> set[str]:
    """Return the sessions that the messages of a page are of."""
    messages = [event["message"]["id"] for event in response.json["items"] if "message" in event]
    return {name.partition(":")[0] for name in messages}
