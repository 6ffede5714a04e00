"""POST /sessions."""

from typing import Any

import pytest

from domain.model.value import SessionKey
from functions.runtime.http import HEADERS
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.samples import sample_key
from tests.support.system import System

SESSION_ID = sample_key().session_id
IDS_IN_JSON = IDS[:-1]
"""Without the lone surrogate, which is no JSON at all."""


def test_create_session_answers_201_when_sample_is_sent(edge: Edge) -> None:
    """The sample creates the session, and the answer is the contract's Session with its location."""
    response = edge.call("create_session")

    assert response.status == 201
    assert response.headers == {
        **HEADERS,
        "Content-Type": "application/json",
        "X-Correlation-Id": "sample-create_session",
        "Location": f"/v1/sessions/{SESSION_ID}",
    }
    assert response.json == {
        "id": SESSION_ID,
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


def test_created_session_belongs_to_the_token_when_sample_is_sent(edge: Edge, system: System) -> None:
    """The session is stored under the user behind the token, with the request's correlation id in its facts."""
    edge.call("create_session")

    events = system.events(sample_key())
    assert [event.fact.type_name() for event in events] == ["SessionCreated", "AgentAssigned"]
    assert {event.trace.correlation_id for event in events} == {"sample-create_session"}


@pytest.mark.parametrize("body", [None, "", "{}", '{"session_id": null, "title": null}'])
def test_create_session_makes_an_id_when_none_is_given(edge: Edge, body: str | None) -> None:
    """Every field is optional, and so is the body."""
    response = edge.call("create_session", body=body)

    assert response.status == 201
    assert response.json["id"] == "s-00000000000000000000000001"
    assert response.headers["Location"] == "/v1/sessions/s-00000000000000000000000001"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"session_id": "x" * 64}, {"id": "x" * 64}),
        ({"session_id": "_-aZ09"}, {"id": "_-aZ09"}),
        ({"title": "  a title\n"}, {"title": "a title"}),
        ({"title": "x" * 255}, {"title": "x" * 255}),
        ({"title": "😀" * 100}, {"title": "😀" * 100}),
        ({"agent": "coder"}, {"current_agent": "coder"}),
    ],
)
def test_create_session_takes_fields_when_they_are_within_their_limits(
    edge: Edge, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Limits belong to what is allowed; a title is trimmed."""
    response = edge.call("create_session", fields)

    assert response.status == 201
    assert response.json | expected == response.json


@pytest.mark.parametrize("session_id", [*IDS_IN_JSON, 1, [], {}, True])
def test_create_session_answers_422_when_the_id_is_hostile(edge: Edge, session_id: Any) -> None:
    """An id can neither leave its key nor look like another one."""
    response = edge.call("create_session", {"session_id": session_id})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == ["session_id"]


@pytest.mark.parametrize("title", ["", "  ", "\u2003\n", "x" * 256, "😀" * 101, 1, ["x"], False])
def test_create_session_answers_422_when_the_title_is_out_of_its_limits(edge: Edge, title: Any) -> None:
    """A title has 1 to 255 characters and at most 400 bytes after trimming, and is text."""
    response = edge.call("create_session", {"title": title})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == ["title"]


@pytest.mark.parametrize("agent", ["nobody", "", "CODER", 1, None])
def test_create_session_answers_422_when_the_agent_is_none(edge: Edge, agent: Any) -> None:
    """An agent is one of the names the contract knows."""
    response = edge.call("create_session", {"agent": agent})

    assert (response.status, response.wrong_fields) == (422, ["agent"])


@pytest.mark.usefixtures("single_agent")
def test_create_session_answers_409_when_the_agent_is_not_deployed(edge: Edge) -> None:
    """An agent that exists, but not here, is another matter than a wrong name."""
    response = edge.call("create_session", {"agent": "coder"})

    assert (response.status, response.code) == (409, "AGENT_SWITCH_ERROR")


def test_create_session_answers_409_when_the_id_is_taken(edge: Edge, session: SessionKey) -> None:
    """An id is unique per user."""
    response = edge.call("create_session", {"session_id": session.session_id})

    assert (response.status, response.code) == (409, "SESSION_ALREADY_EXISTS")


def test_create_session_answers_201_when_the_id_is_taken_by_somebody_else(edge: Edge, session: SessionKey) -> None:
    """Users cannot see each other, not even by a refusal."""
    response = edge.call("create_session", {"session_id": session.session_id}, authorizer={"iss": "i", "sub": "bob"})

    assert response.status == 201
