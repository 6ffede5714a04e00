"""GET /sessions/{session_id}/plan."""

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.plans import start_plan
from tests.support.system import System


def test_get_plan_answers_200_when_sample_is_sent(edge: Edge, system: System, session: SessionKey) -> None:
    """The answer is the contract's Plan."""
    start_plan(system, session, (), (0,))

    response = edge.call("get_plan")

    assert response.status == 200
    assert response.json == {
        "id": "p-9-0",
        "call_id": "9-0",
        "title": "Lock it",
        "description": "A lock, its test, its words.",
        "status": "in_progress",
        "subtasks": [
            {
                "id": "1",
                "title": "Step 0",
                "description": "Do step 0.",
                "agent": "coder",
                "estimated_time_minutes": 5,
                "dependencies": [],
                "status": "running",
                "attempts": 1,
                "turn": 1,
            },
            {
                "id": "2",
                "title": "Step 1",
                "description": "Do step 1.",
                "agent": "coder",
                "estimated_time_minutes": 5,
                "dependencies": ["1"],
                "status": "pending",
                "attempts": 0,
            },
        ],
        "progress": {
            "total": 2,
            "done": 0,
            "failed": 0,
            "skipped": 0,
            "running": 1,
            "pending": 1,
            "percentage": 0,
        },
        "created_at": "2026-01-01T12:00:00Z",
        "changed_at": "2026-01-01T12:00:00Z",
    }


@pytest.mark.usefixtures("session")
def test_get_plan_answers_404_when_there_is_no_plan(edge: Edge) -> None:
    """The session is there, its plan is not."""
    response = edge.call("get_plan")

    assert (response.status, response.code) == (404, "PLAN_NOT_FOUND")


def test_get_plan_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """A plan is a session's."""
    response = edge.call("get_plan")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("session_id", IDS)
def test_get_plan_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("get_plan", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_get_plan_answers_422_when_a_parameter_is_not_the_contracts(edge: Edge) -> None:
    """There is nothing to ask for but the plan."""
    response = edge.call("get_plan", query={"limit": "1"})

    assert (response.status, response.wrong_fields) == (422, ["limit"])
