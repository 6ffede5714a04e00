"""GET /sessions/{session_id}."""

import pytest

from domain.model.value import SessionKey
from tests.support.builders import scripted_model, unavailable
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.system import System


def test_get_session_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The answer is the contract's Session."""
    response = edge.call("get_session")

    assert response.status == 200
    assert response.json == {
        "id": session.session_id,
        "title": "First look",
        "is_active": True,
        "turn": {"number": 0, "status": "idle"},
        "queued": 0,
        "current_agent": "orchestrator",
        "message_count": 0,
        "last_seq": 2,
        "created_at": "2026-01-01T12:00:00Z",
        "last_activity_at": "2026-01-01T12:00:00Z",
    }
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Location" not in response.headers


@pytest.mark.usefixtures("waiting")
def test_get_session_shows_the_turn_when_the_client_is_waited_for(edge: Edge) -> None:
    """A client reads here what it is waited for, and that somebody else speaks now."""
    shown = edge.call("get_session").json

    assert shown["turn"] == {"number": 1, "status": "waiting_for_tools"}
    assert (shown["current_agent"], shown["message_count"], shown["last_seq"]) == ("ask", 2, 11)


def test_get_session_tells_the_reason_when_the_turn_failed(edge: Edge, system: System, session: SessionKey) -> None:
    """A failed turn has a stable code and a sentence."""
    scripted_model(system).answers += [unavailable(), unavailable()]
    edge.call("add_message")
    system.work(session)

    turn = edge.call("get_session").json["turn"]

    assert (turn["status"], turn["error"]["code"]) == ("failed", "MODEL_UNAVAILABLE")
    assert turn["error"].keys() == {"code", "detail"}


def test_get_session_answers_404_when_there_is_none(edge: Edge) -> None:
    """What was never made is not found, in the shape of every error."""
    response = edge.call("get_session")

    assert response.status == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json == {
        "type": "urn:agent-runtime:error:SESSION_NOT_FOUND",
        "title": "Session not found",
        "status": 404,
        "detail": "There is no such session.",
        "code": "SESSION_NOT_FOUND",
        "correlation_id": "sample-get_session",
    }


def test_get_session_answers_404_when_it_is_somebody_elses(edge: Edge) -> None:
    """The same issuer's other subject, and another issuer's same subject, are other users."""
    mine = {"iss": "https://issuer.example", "sub": "alice", "exp": "Fri Jan 02 12:00:00 UTC 2026"}
    edge.call("create_session", authorizer=mine)

    statuses = [
        edge.call("get_session", authorizer={"claims": mine | other}).status
        for other in ({}, {"sub": "bob"}, {"iss": "https://other.example"})
    ]

    assert statuses == [200, 404, 404]


@pytest.mark.parametrize("session_id", IDS)
def test_get_session_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("get_session", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


@pytest.mark.parametrize("name", ["include", "session_id", "user", "trace", "", "\ud800", "x" * 200])
def test_get_session_answers_422_when_a_parameter_is_unknown(edge: Edge, session: SessionKey, name: str) -> None:
    """Parameters nobody knows are named, cut to a length, and cannot stand in for path or token."""
    response = edge.call("get_session", query={name: session.session_id})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == [name[:100].replace("\ud800", "?")]
