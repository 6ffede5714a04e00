"""What holds for the plan of a session after every single step."""

from collections import Counter

from domain.model.events.plan import (
    PlanCancelled,
    PlanCompleted,
    PlanCreated,
    PlanFailed,
    SubtaskCompleted,
    SubtaskStarted,
)
from domain.model.log import Event
from domain.model.message import Role
from domain.model.plan import Plan, PlanStatus
from domain.model.session import Session, TurnStatus
from domain.model.subtask import SubtaskStatus
from tests.support.memory_store import MemoryStore

AT_REST = {TurnStatus.IDLE, TurnStatus.FAILED}


def check_plan(store: MemoryStore, session: Session, events: list[Event]) -> None:
    """Head, log and plan agree, one subtask runs at most, and a plan that can go on does, or a turn before it does."""
    plan = store.plans.get(session.key)
    assert session.plan_id == (plan.id if plan else None)
    assert session.is_plan_open == bool(plan and plan.is_open)
    _check_starts(events)
    if plan:
        _check_subtasks(plan, session)
        _check_goes_on(plan, session, events)
        _check_facts(plan, events)


def _check_starts(events: list[Event]) -> None:
    started = Counter(event.turn for event in events if isinstance(event.fact, SubtaskStarted))
    assert set(started.values()) <= {1}
    done = Counter(
        (event.fact.plan_id, event.fact.subtask_id) for event in events if isinstance(event.fact, SubtaskCompleted)
    )
    assert set(done.values()) <= {1}


def _check_subtasks(plan: Plan, session: Session) -> None:
    statuses = Counter(subtask.status for subtask in plan.subtasks)
    assert statuses[SubtaskStatus.RUNNING] <= (plan.status is PlanStatus.IN_PROGRESS)
    finished = {
        subtask.id for subtask in plan.subtasks if subtask.status in {SubtaskStatus.DONE, SubtaskStatus.SKIPPED}
    }
    for subtask in plan.subtasks:
        if subtask.status in {SubtaskStatus.RUNNING, SubtaskStatus.DONE}:
            assert finished.issuperset(subtask.dependencies)
    running = plan.running
    if running and running.turn is not None:
        assert session.turn.number <= running.turn <= session.last_turn
        assert session.turn.status not in AT_REST


def _check_goes_on(plan: Plan, session: Session, events: list[Event]) -> None:
    """An open plan has a turn before it, or waits for a person: for leave, for an answer, or for what to do next."""
    if session.turn.status not in AT_REST:
        is_asked_about = plan.call_id in session.awaiting_approval
        assert plan.status is PlanStatus.DRAFT or not is_asked_about
        return
    assert plan.next_subtask is None
    if plan.is_going_on:
        assert plan.running is not None
        assert plan.running.turn is None
    if plan.status is PlanStatus.DRAFT:
        said = [event.message for event in events if event.message and event.message.role is Role.ASSISTANT]
        assert [call.tool for call in said[-1].tool_calls] == ["ask_followup_question"]


def _check_facts(plan: Plan, events: list[Event]) -> None:
    told = Counter(
        type(event.fact)
        for event in events
        if isinstance(event.fact, (PlanCreated, PlanCancelled, PlanCompleted, PlanFailed))
        and event.fact.plan_id == plan.id
    )
    assert told[PlanCreated] == 1
    assert told[PlanCompleted] == (plan.status is PlanStatus.COMPLETED)
    assert told[PlanFailed] or plan.status is not PlanStatus.FAILED
    assert told[PlanCancelled] <= (plan.status is PlanStatus.CANCELLED)
    done = {subtask.id for subtask in plan.subtasks if subtask.status is SubtaskStatus.DONE}
    completed = {
        event.fact.subtask_id
        for event in events
        if isinstance(event.fact, SubtaskCompleted) and event.fact.plan_id == plan.id
    }
    assert completed == done
