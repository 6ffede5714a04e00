"""GET /sessions/{session_id}/events."""

import pytest

from domain.model.value import SessionKey
from domain.ports import Clock
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.system import System


def test_list_events_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The answer is a page of the contract's Events; a `MessageAdded` brings its message along."""
    edge.call("add_message")

    response = edge.call("list_events")

    assert response.status == 200
    assert response.json["next_after"] == 4
    assert response.json["has_more"] is False
    assert [event["type"] for event in response.json["items"]] == [
        "SessionCreated",
        "AgentAssigned",
        "MessageAdded",
        "TurnRequested",
    ]
    assert response.json["items"][2] == {
        "seq": 3,
        "turn": 1,
        "type": "MessageAdded",
        "category": "message",
        "occurred_at": "2026-01-01T12:00:00Z",
        "correlation_id": "sample-add_message",
        "data": {
            "role": "user",
            "size": 24,
            "sha256": "ce21d1a01f1a5db9c5817b7dadc05f924ebef50cfe859ca9b305ec62749128a8",
            "calls": 0,
        },
        "message": {
            "seq": 3,
            "turn": 1,
            "id": f"{session.session_id}:3",
            "role": "user",
            "content": "What does README.md say?",
            "created_at": "2026-01-01T12:00:00Z",
        },
    }
    assert response.json["items"][3] == {
        "seq": 4,
        "turn": 1,
        "type": "TurnRequested",
        "category": "turn",
        "occurred_at": "2026-01-01T12:00:00Z",
        "correlation_id": "sample-add_message",
        "data": {"turn": 1, "reason": "message"},
    }


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_list_events_loses_and_repeats_nothing_when_followed_by_cursor(edge: Edge, limit: int) -> None:
    """Whatever the page size, a follower sees 1, 2, 3… once each."""
    seen: list[int] = []
    after, has_more = 0, True
    while has_more:
        page = edge.call("list_events", query={"after": str(after), "limit": str(limit)}).json
        seen += [event["seq"] for event in page["items"]]
        after, has_more = page["next_after"], page["has_more"]

    assert seen == list(range(1, 12))


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("wait", "slept"), [("20", 20.0), ("0.3", 0.3), ("0", 0.0), ("-0", 0.0)])
def test_list_events_waits_as_long_as_asked_when_nothing_comes(
    edge: Edge, system: System, wait: str, slept: float
) -> None:
    """A wait without an event ends with an empty page and the cursor that was sent."""
    response = edge.call("list_events", query={"after": "2", "wait": wait})

    assert response.json == {"items": [], "next_after": 2, "has_more": False}
    assert system.get(Clock).monotonic() == pytest.approx(slept)


@pytest.mark.usefixtures("session")
def test_list_events_does_not_wait_when_there_is_an_event(edge: Edge, system: System) -> None:
    """An event that is there is given at once."""
    response = edge.call("list_events", query={"after": "1", "wait": "20"})

    assert [event["seq"] for event in response.json["items"]] == [2]
    assert system.get(Clock).slept == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("after", "-1"),
        ("after", "1000000000000"),
        ("after", "last"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "1.5"),
        ("wait", "-0.1"),
        ("wait", "20.1"),
        ("wait", "nan"),
        ("wait", "inf"),
        ("wait", "-inf"),
        ("wait", "1e999"),
        ("wait", "5s"),
        ("wait", ""),
        ("wait", "5\0"),
        ("wait", "\ud800"),
    ],
)
def test_list_events_answers_422_when_a_number_is_out_of_its_limits(edge: Edge, name: str, value: str) -> None:
    """Cursor, limit and wait are numbers within their bounds."""
    response = edge.call("list_events", query={name: value})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == [name]


@pytest.mark.parametrize("session_id", IDS)
def test_list_events_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("list_events", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_list_events_answers_404_at_once_when_there_is_no_session(edge: Edge, system: System) -> None:
    """Nobody waits for what cannot come."""
    response = edge.call("list_events", query={"wait": "20"})

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")
    assert system.get(Clock).slept == []
