"""GET /sessions/{session_id}/agent."""

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS


@pytest.mark.usefixtures("waiting")
def test_get_agent_context_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The answer is the contract's AgentContext with its history."""
    response = edge.call("get_agent_context")

    assert response.status == 200
    assert response.json == {
        "session_id": session.session_id,
        "current_agent": "ask",
        "switch_count": 1,
        "last_switch_at": "2026-01-01T12:00:00Z",
        "history": [
            {
                "from_agent": "orchestrator",
                "to_agent": "ask",
                "reason": "routed",
                "confidence": 0.9,
                "at": "2026-01-01T12:00:00Z",
            }
        ],
    }


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("query", [None, {"include_history": "false"}])
def test_get_agent_context_leaves_the_history_out_when_it_is_not_asked_for(
    edge: Edge, query: dict[str, str] | None
) -> None:
    """Who speaks is all that most clients want."""
    response = edge.call("get_agent_context", query=query)

    assert "history" not in response.json
    assert response.json["current_agent"] == "orchestrator"


@pytest.mark.parametrize(("name", "value"), [("include_history", "maybe"), ("limit", "1")])
def test_get_agent_context_answers_422_when_a_parameter_does_not_fit(edge: Edge, name: str, value: str) -> None:
    """The answer names the wrong one."""
    response = edge.call("get_agent_context", query={name: value})

    assert (response.status, response.wrong_fields) == (422, [name])


@pytest.mark.parametrize("session_id", IDS)
def test_get_agent_context_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("get_agent_context", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_get_agent_context_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """An agent speaks in a session."""
    response = edge.call("get_agent_context")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")
