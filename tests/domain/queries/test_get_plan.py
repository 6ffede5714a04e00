"""Looking at a plan."""

import pytest

from domain.model.errors import PlanNotFound, SessionNotFound
from tests.support.builders import make_key, text
from tests.support.fakes import START
from tests.support.plans import decide, plan_of, propose, start_plan
from tests.support.system import BOB, memory_system


def test_plan_is_told_with_subtasks_and_progress() -> None:
    """What was asked for, what came of it, and how far it is."""
    system = memory_system(text("One."))
    key = system.create(agent="coder")
    start_plan(system, key, (), (0,), ())
    decide(system, key, "skip", subtask_id="2")
    decide(system, key, "skip", subtask_id="3")
    system.work(key)

    plan = plan_of(system, key)

    assert (plan.id, plan.call_id, plan.status, plan.title) == ("p-9-0", "9-0", "completed", "Lock it")
    assert (plan.created_at, plan.changed_at) == (START, START)
    assert plan.progress.model_dump() == {
        "total": 3,
        "done": 1,
        "failed": 0,
        "skipped": 2,
        "running": 0,
        "pending": 0,
        "percentage": 100,
    }
    assert plan.subtasks[0].model_dump() == {
        "id": "1",
        "title": "Step 0",
        "description": "Do step 0.",
        "agent": "coder",
        "estimated_time_minutes": 5,
        "dependencies": (),
        "status": "done",
        "attempts": 1,
        "turn": 1,
        "result": "One.",
        "error": None,
    }
    assert plan.subtasks[1].dependencies == ("1",)


def test_percentage_is_rounded_down() -> None:
    """It is 100 when nothing is left, and not before."""
    system = memory_system()
    key = system.create()
    start_plan(system, key, (), (), ())

    assert plan_of(system, key).progress.percentage == 0
    assert decide(system, key, "skip", subtask_id="2").progress.percentage == 33


def test_plan_is_not_found_when_there_is_none() -> None:
    """A session has one when its planner proposed it."""
    system = memory_system()
    key = system.create()

    with pytest.raises(PlanNotFound):
        plan_of(system, key)


def test_session_is_not_found_when_it_is_somebody_elses() -> None:
    """Nor is its plan."""
    system = memory_system()
    propose(system, system.create())

    with pytest.raises(SessionNotFound):
        plan_of(system, make_key("s1", BOB))
