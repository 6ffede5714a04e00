"""POST /sessions/{session_id}/plan."""

from typing import Any

import pytest

from domain.model.value import SessionKey
from tests.support.builders import scripted_model, text, unavailable
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.plans import start_plan
from tests.support.system import System


@pytest.fixture
def failed(system: System, session: SessionKey) -> SessionKey:
    """Return the sample session, whose plan stopped at its second subtask."""
    start_plan(system, session, (), ())
    scripted_model(system).answers += [text(), unavailable(), unavailable()]
    system.work(session)
    return session


def test_decide_plan_answers_200_when_sample_is_sent(edge: Edge, system: System, failed: SessionKey) -> None:
    """The answer is the contract's Plan, as it is now."""
    response = edge.call("decide_plan")

    assert response.status == 200
    assert response.json["status"] == "in_progress"
    assert [subtask["status"] for subtask in response.json["subtasks"]] == ["done", "running"]
    assert response.json == edge.call("get_plan").json
    assert system.facts(failed)[-4:] == ["SubtaskRetried", "SubtaskStarted", "MessageAdded", "TurnRequested"]


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "approve"}, "action"),
        ({"action": "skip", "subtask_id": ""}, "subtask_id"),
        ({"action": "skip", "subtask_id": "one"}, "subtask_id"),
        ({"action": "skip", "subtask_id": 1}, "subtask_id"),
        ({"action": "cancel", "subtask_id": "1"}, "body"),
        ({"action": "cancel", "reason": "x"}, "reason"),
    ],
)
def test_decide_plan_answers_422_when_a_field_does_not_fit(edge: Edge, body: dict[str, Any], field: str) -> None:
    """The answer names the wrong one."""
    response = edge.call("decide_plan", body)

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("session_id", IDS)
def test_decide_plan_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("decide_plan", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


@pytest.mark.usefixtures("session")
def test_decide_plan_answers_404_when_there_is_no_plan(edge: Edge) -> None:
    """The session is there, its plan is not."""
    response = edge.call("decide_plan")

    assert (response.status, response.code) == (404, "PLAN_NOT_FOUND")


def test_decide_plan_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """A plan is a session's."""
    response = edge.call("decide_plan")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(
    "body",
    [
        {"action": "retry", "subtask_id": "1"},
        {"action": "skip", "subtask_id": "1"},
        {"action": "skip", "subtask_id": "3"},
    ],
    ids=["retry of what is done", "skip of what is done", "none such"],
)
def test_decide_plan_answers_409_when_the_subtask_is_not_where_this_can_be_done(
    edge: Edge, body: dict[str, str]
) -> None:
    """What is done is done."""
    response = edge.call("decide_plan", body)

    assert (response.status, response.code) == (409, "PLAN_STATE")


def test_decide_plan_answers_409_when_the_session_is_inactive(edge: Edge, system: System, failed: SessionKey) -> None:
    """An inactive session refuses commands."""
    system.update(failed, is_active=False)

    response = edge.call("decide_plan")

    assert (response.status, response.code) == (409, "SESSION_INACTIVE")
