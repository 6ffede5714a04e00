"""POST /sessions/{session_id}/agent."""

from typing import Any

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.system import System


def test_switch_agent_answers_200_when_sample_is_sent(edge: Edge, system: System, session: SessionKey) -> None:
    """The answer is the contract's AgentContext."""
    response = edge.call("switch_agent")

    assert response.status == 200
    assert response.json == {
        "session_id": session.session_id,
        "current_agent": "coder",
        "switch_count": 1,
        "last_switch_at": "2026-01-01T12:00:00Z",
    }
    assert "Location" not in response.headers
    assert "Idempotent-Replayed" not in response.headers
    assert system.facts(session)[-1] == "AgentSwitched"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target_agent", "nobody"),
        ("reason", ""),
        ("reason", "x" * 2001),
        ("confidence", 1.01),
        ("confidence", "x"),
        ("on_busy", "enqueue"),
        ("agent", "ask"),
    ],
)
def test_switch_agent_answers_422_when_a_field_does_not_fit(edge: Edge, field: str, value: Any) -> None:
    """The answer names the wrong one."""
    response = edge.call("switch_agent", {"target_agent": "ask"} | {field: value})

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("session_id", IDS)
def test_switch_agent_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("switch_agent", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_switch_agent_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """A switch needs a session."""
    response = edge.call("switch_agent")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.usefixtures("single_agent", "session")
@pytest.mark.parametrize("agent", ["coder", "orchestrator"], ids=["not deployed", "speaks already"])
def test_switch_agent_answers_409_when_the_agent_cannot_take_over(edge: Edge, agent: str) -> None:
    """One that exists, but not here, and one that has nothing to take over."""
    response = edge.call("switch_agent", {"target_agent": agent})

    assert (response.status, response.code) == (409, "AGENT_SWITCH_ERROR")


@pytest.mark.usefixtures("waiting")
def test_switch_agent_answers_409_with_retry_after_when_busy(edge: Edge) -> None:
    """Without a word about it, nothing is stopped."""
    response = edge.call("switch_agent", {"target_agent": "coder"})

    assert (response.status, response.code) == (409, "SESSION_BUSY")
    assert response.headers["Retry-After"] == "1"
    assert edge.call("switch_agent").status == 200
    assert edge.call("add_tool_result").code == "TOOL_CALL_CLOSED"


def test_switch_agent_answers_409_when_the_session_is_inactive(edge: Edge, system: System, session: SessionKey) -> None:
    """An inactive session refuses commands."""
    system.update(session, is_active=False)

    response = edge.call("switch_agent")

    assert (response.status, response.code) == (409, "SESSION_INACTIVE")
