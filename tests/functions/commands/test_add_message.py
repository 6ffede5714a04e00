"""POST /sessions/{session_id}/messages."""

from typing import Any

import pytest

from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from domain.ports import SessionRepository
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.samples import sample_key
from tests.support.system import System


def test_add_message_answers_202_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The sample is taken, and the answer is the contract's Message of a user."""
    response = edge.call("add_message")

    assert response.status == 202
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Correlation-Id"] == "sample-add_message"
    assert "Location" not in response.headers
    assert response.json == {
        "seq": 3,
        "turn": 1,
        "id": f"{session.session_id}:3",
        "role": "user",
        "content": "What does README.md say?",
        "created_at": "2026-01-01T12:00:00Z",
    }


def test_turn_is_owed_when_a_message_was_answered_with_202(edge: Edge, system: System, session: SessionKey) -> None:
    """A client never sees `idle` while an answer is owed."""
    edge.call("add_message")

    assert edge.call("get_session").json["turn"] == {"number": 1, "status": "running"}
    assert system.facts(session)[-2:] == ["MessageAdded", "TurnRequested"]


@pytest.mark.parametrize("content", ["x", "x" * 100_000, "😀" * 100_000, "\0\x1b[31m\u202e", " x\n"])
def test_add_message_keeps_content_as_it_is_when_it_is_within_the_limits(
    edge: Edge, system: System, session: SessionKey, content: str
) -> None:
    """Content of up to 100 000 characters is stored whole and unchanged, whatever the characters are."""
    response = edge.call("add_message", {"content": content})

    assert response.status == 202
    assert system.get(SessionRepository).events[session][2].message.content == content


def test_add_message_names_an_address_when_content_is_kept_apart(edge: Edge, session: SessionKey) -> None:
    """Content over 256 KB comes back as its beginning and an address for the rest."""
    response = edge.call("add_message", {"content": "😀" * 100_000})

    assert response.json["content"] == "😀" * 4096
    assert response.json["content_url"].startswith(f"memory://{session.user}/")


@pytest.mark.parametrize("content", ["", " ", "\n\t\u2003", "x" * 100_001, None, 1, [], {}, True])
def test_add_message_answers_422_when_content_is_out_of_its_limits(edge: Edge, content: Any) -> None:
    """Content has 1 to 100 000 characters and is not blank."""
    response = edge.call("add_message", {"content": content})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == ["content"]


@pytest.mark.parametrize("body", [None, "", "{}"])
def test_add_message_answers_422_when_content_is_missing(edge: Edge, body: str | None) -> None:
    """An absent body is an empty one, and a message needs content."""
    response = edge.call("add_message", body=body)

    assert response.status == 422
    assert response.json["errors"] == [{"field": "content", "message": "Field required"}]


@pytest.mark.parametrize(
    ("field", "value"), [("agent", "nobody"), ("agent", 1), ("on_busy", "wait"), ("on_busy", None), ("on_busy", "")]
)
def test_add_message_answers_422_when_a_choice_is_none_of_the_contract(edge: Edge, field: str, value: Any) -> None:
    """Choices are named in the contract, and the answer names the wrong one."""
    response = edge.call("add_message", {"content": "x", field: value})

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("session_id", IDS)
def test_add_message_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("add_message", path={"session_id": session_id})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == ["session_id"]


def test_add_message_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """A message needs a session."""
    response = edge.call("add_message")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.usefixtures("session")
def test_add_message_answers_404_in_the_same_words_when_the_session_is_somebody_elses(edge: Edge) -> None:
    """A session of somebody else does not exist, and nothing in the answer tells it from one that never did."""
    bob = {"iss": "https://issuer.example", "sub": "bob"}

    foreign = edge.call("add_message", authorizer=bob)
    missing = edge.call("add_message", authorizer=bob, path={"session_id": "never"})

    assert (foreign.status, foreign.json, foreign.headers) == (404, missing.json, missing.headers)


@pytest.mark.usefixtures("session")
def test_add_message_queues_when_a_turn_is_running(edge: Edge) -> None:
    """Without a word about it, a message during a turn waits for a turn of its own."""
    edge.call("add_message")

    second = edge.call("add_message")

    assert (second.status, second.json["turn"]) == (202, 2)
    assert edge.call("get_session").json["queued"] == 1


@pytest.mark.usefixtures("session")
def test_add_message_answers_409_with_retry_after_when_busy_and_told_to_reject(edge: Edge) -> None:
    """`reject` turns a message down while the session is at work, and says when to come again."""
    edge.call("add_message")

    response = edge.call("add_message", {"content": "x", "on_busy": "reject"})

    assert (response.status, response.code) == (409, "SESSION_BUSY")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.usefixtures("waiting")
def test_add_message_cancels_open_calls_when_the_client_is_waited_for(edge: Edge) -> None:
    """A message instead of a result means that the user moved on."""
    response = edge.call("add_message", {"content": "Never mind.", "on_busy": "interrupt"})

    assert (response.status, response.json["turn"]) == (202, 2)
    assert edge.call("add_tool_result").code == "TOOL_CALL_CLOSED"


def test_add_message_answers_409_when_the_session_is_inactive(edge: Edge, system: System, session: SessionKey) -> None:
    """An inactive session refuses commands."""
    store = system.get(SessionRepository)
    inactive: Session = system.session(session).model_copy(update={"is_active": False})
    store.heads[session] = inactive

    response = edge.call("add_message")

    assert (response.status, response.code) == (409, "SESSION_INACTIVE")


@pytest.mark.usefixtures("single_agent", "session")
def test_add_message_answers_409_when_the_agent_is_not_deployed(edge: Edge) -> None:
    """An agent that exists, but not here, is another matter than a wrong name."""
    response = edge.call("add_message", {"content": "x", "agent": "coder"})

    assert (response.status, response.code) == (409, "AGENT_SWITCH_ERROR")


def test_sample_closes_the_call_of_the_samples_story(waiting: CallId) -> None:
    """The samples tell one story: the call that the sample result closes is the one this message leads to."""
    assert (waiting, sample_key().session_id) == ("11-0", "s-01kdwpvng0nwnxqrdakdqc3rnd")
