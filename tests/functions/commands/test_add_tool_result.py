"""POST /sessions/{session_id}/tool-results."""

from typing import Any

import pytest

from domain.model.message import CallStatus
from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from domain.ports import SessionRepository
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.system import System

pytestmark = pytest.mark.usefixtures("waiting")


def test_add_tool_result_answers_202_when_sample_is_sent(edge: Edge, session: SessionKey, waiting: CallId) -> None:
    """The sample closes the open call, and the answer is the contract's Message of a tool."""
    response = edge.call("add_tool_result")

    assert response.status == 202
    assert response.json == {
        "seq": 13,
        "turn": 1,
        "id": f"{session.session_id}:13",
        "role": "tool",
        "content": "# Agent Runtime Service\n",
        "tool_call_id": waiting,
        "outcome": "done",
        "created_at": "2026-01-01T12:00:00Z",
    }
    assert response.headers["X-Correlation-Id"] == "sample-add_tool_result"


def test_turn_goes_on_when_the_last_open_call_was_closed(edge: Edge, system: System, session: SessionKey) -> None:
    """The result that closes the last call gives the turn back to the model."""
    edge.call("add_tool_result")

    assert edge.call("get_session").json["turn"]["status"] == "running"
    assert system.facts(session)[-3:] == ["ToolCallCompleted", "MessageAdded", "TurnRequested"]


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ("", ""),
        (0, "0"),
        (False, "false"),
        ([], "[]"),
        ({}, "{}"),
        (None, "null"),
        ("text", "text"),
        ({"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
        (int("9" * 4000), "9" * 4000),
        (1e308, "1e+308"),
    ],
)
def test_add_tool_result_takes_any_json_when_it_is_a_result(
    edge: Edge, waiting: CallId, result: Any, content: str
) -> None:
    """Falsy results are results; text stays as it is, everything else reaches the model as JSON."""
    response = edge.call("add_tool_result", {"call_id": waiting, "result": result})

    assert (response.status, response.json["content"]) == (202, content)


def test_add_tool_result_takes_an_error_when_the_client_could_not_do_it(edge: Edge, waiting: CallId) -> None:
    """An error closes the call as failed."""
    response = edge.call("add_tool_result", {"call_id": waiting, "error": "x" * 2000})

    assert (response.status, response.json["outcome"]) == (202, "failed")


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        ({}, "body"),
        ({"result": 1, "error": "x"}, "body"),
        ({"result": None, "error": "x"}, "body"),
        ({"error": None}, "body"),
        ({"error": ""}, "error"),
        ({"error": "x" * 2001}, "error"),
        ({"error": 1}, "error"),
    ],
)
def test_add_tool_result_answers_422_when_it_is_not_one_outcome(
    edge: Edge, waiting: CallId, outcome: dict[str, Any], field: str
) -> None:
    """There is a result or an error, never both and never neither."""
    response = edge.call("add_tool_result", {"call_id": waiting} | outcome)

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("number", ["1e999", "-1e999", '[1, {"a": 1e400}]', "1" * 400 + ".5"])
def test_add_tool_result_answers_422_when_a_number_is_too_large(edge: Edge, waiting: CallId, number: str) -> None:
    """A number that only infinity could stand for is refused, also deep inside."""
    response = edge.call("add_tool_result", body=f'{{"call_id": "{waiting}", "result": {number}}}')

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.json["errors"] == [{"field": "body", "message": "numbers in result must be finite"}]


@pytest.mark.parametrize("depth", [1, 100, 197])
def test_add_tool_result_takes_nested_json_when_it_is_within_the_limit(edge: Edge, waiting: CallId, depth: int) -> None:
    """What the parser lets through, everything behind it can carry."""
    nested = "[" * depth + "]" * depth

    response = edge.call("add_tool_result", body=f'{{"call_id": "{waiting}", "result": {nested}}}')

    assert (response.status, response.json["content"]) == (202, nested)


@pytest.mark.parametrize("call_id", ["", "x" * 65, 1, None, [], {}])
def test_add_tool_result_answers_422_when_the_call_id_does_not_fit(edge: Edge, call_id: Any) -> None:
    """A call id is text of 1 to 64 characters."""
    response = edge.call("add_tool_result", {"call_id": call_id, "result": 1})

    assert (response.status, response.wrong_fields) == (422, ["call_id"])


@pytest.mark.parametrize("call_id", [*filter(None, IDS[:-3]), "11-1", "11-00", "011-0", "\u0661\u0661-0", "11-0\n"])
def test_add_tool_result_answers_404_when_the_call_id_is_hostile(edge: Edge, call_id: str) -> None:
    """Only the id that was given names the call."""
    response = edge.call("add_tool_result", {"call_id": call_id, "result": 1})

    assert (response.status, response.code) == (404, "TOOL_CALL_NOT_FOUND")


@pytest.mark.parametrize("session_id", IDS)
def test_add_tool_result_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("add_tool_result", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_add_tool_result_answers_404_for_the_session_when_that_is_missing_too(edge: Edge) -> None:
    """The session comes before the call."""
    response = edge.call("add_tool_result", path={"session_id": "other"})

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


def test_add_tool_result_answers_409_when_the_call_has_ended(edge: Edge) -> None:
    """A result is accepted once."""
    edge.call("add_tool_result")

    response = edge.call("add_tool_result")

    assert (response.status, response.code) == (409, "TOOL_CALL_CLOSED")


def test_add_tool_result_answers_409_when_the_call_was_not_granted(
    edge: Edge, system: System, session: SessionKey, waiting: CallId
) -> None:
    """A call that needs approval takes no result before it."""
    store = system.get(SessionRepository)
    ungranted = store.calls[session, waiting].model_copy(update={"status": CallStatus.AWAITING_APPROVAL})
    store.calls[session, waiting] = ungranted

    response = edge.call("add_tool_result")

    assert (response.status, response.code) == (409, "APPROVAL_REQUIRED")


def test_add_tool_result_answers_409_when_the_session_is_inactive(
    edge: Edge, system: System, session: SessionKey
) -> None:
    """An inactive session refuses commands."""
    inactive: Session = system.session(session).model_copy(update={"is_active": False})
    system.get(SessionRepository).heads[session] = inactive

    response = edge.call("add_tool_result")

    assert (response.status, response.code) == (409, "SESSION_INACTIVE")
