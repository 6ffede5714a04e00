"""A plan takes only the steps that its life allows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.model.errors import PlanState
from domain.model.plan import CANCELLED, MAX_ATTEMPTS, Plan, PlanStatus
from domain.model.subtask import FINISHED, SubtaskStatus
from tests.support.fakes import START
from tests.support.plans import make_plan

LATER = START + timedelta(seconds=1)

Step = Callable[[Plan], Plan]
STEPS: dict[str, Step] = {
    "approve": lambda plan: plan.approved(LATER),
    "cancel": lambda plan: plan.cancelled(LATER),
    "start": lambda plan: plan.started(7, LATER),
    "finish": lambda plan: plan.finished("Done.", LATER),
    "fail": lambda plan: plan.stopped("TURN_FAILED", LATER),
    "stop": lambda plan: plan.stopped(CANCELLED, LATER, is_final=True),
    "interrupt": lambda plan: plan.interrupted(LATER),
    "ask": lambda plan: plan.asking(LATER),
    "answer": lambda plan: plan.answered(8, LATER),
    "retry": lambda plan: plan.retried(None, LATER),
    "skip": lambda plan: plan.skipped(None, LATER),
    "skip the first": lambda plan: plan.skipped("1", LATER),
    "skip the last": lambda plan: plan.skipped(plan.subtasks[-1].id, LATER),
}


@st.composite
def drafts(draw: st.DrawFn) -> Plan:
    """Drafts of one to six subtasks, each depending on any earlier ones."""
    total = draw(st.integers(1, 6))
    earlier = [[str(number) for number in range(1, place)] for place in range(1, total + 1)]
    return make_plan(*(draw(st.lists(st.sampled_from(ids), unique=True)) if ids else () for ids in earlier))


def check(plan: Plan) -> None:
    """Fail unless the plan's parts agree."""
    statuses = [subtask.status for subtask in plan.subtasks]
    assert statuses.count(SubtaskStatus.RUNNING) <= 1
    assert SubtaskStatus.RUNNING not in statuses or plan.status is PlanStatus.IN_PROGRESS
    assert statuses.count(SubtaskStatus.FAILED) <= 1
    if plan.is_open:
        assert (SubtaskStatus.FAILED in statuses) == (plan.status is PlanStatus.FAILED)
    assert (plan.status is PlanStatus.COMPLETED) == all(status in FINISHED for status in statuses)
    assert all(0 <= subtask.attempts <= MAX_ATTEMPTS for subtask in plan.subtasks)
    assert all((subtask.result is not None) == (subtask.status is SubtaskStatus.DONE) for subtask in plan.subtasks)
    for subtask in plan.subtasks:
        if subtask.status in {SubtaskStatus.RUNNING, SubtaskStatus.DONE}:
            assert all(plan.subtask(other).status in FINISHED for other in subtask.dependencies)
    progress = plan.progress
    assert progress.total == len(statuses) == sum(progress.model_dump(exclude={"total", "percentage"}).values())
    assert (progress.percentage == 100) == (plan.status is PlanStatus.COMPLETED)


@given(drafts(), st.lists(st.sampled_from(sorted(STEPS)), max_size=40))
def test_plan_is_sound_after_any_steps_and_the_end_is_the_end(plan: Plan, names: list[str]) -> None:
    """Never two at once, order respects dependencies, what is final stays, whatever is tried in any order."""
    for name in names:
        before = plan
        try:
            plan = STEPS[name](before)
        except PlanState:
            continue
        check(plan)
        assert before.is_open
        for old, new in zip(before.subtasks, plan.subtasks, strict=True):
            assert old.status not in FINISHED or old == new


@given(drafts(), st.data())
def test_plan_ends_when_every_turn_ends(plan: Plan, data: st.DataObject) -> None:
    """Whatever each turn comes to, an approved plan starts something until it is completed or has failed."""
    plan = plan.approved(START)
    turn = 0
    while plan.is_going_on:
        turn += 1
        plan = plan.started(turn, LATER)
        ends = ["finish", "fail"] if turn > 30 else ["finish", "fail", "interrupt"]
        plan = STEPS[data.draw(st.sampled_from(ends))](plan)
        check(plan)

    assert plan.status in {PlanStatus.COMPLETED, PlanStatus.FAILED}
    assert turn <= 30 + MAX_ATTEMPTS * len(plan.subtasks)


@given(drafts())
def test_subtasks_run_in_the_order_they_were_planned_when_none_fails(plan: Plan) -> None:
    """What comes later may wait for what comes earlier, never the other way round."""
    plan = plan.approved(START)
    order = []
    while subtask := plan.next_subtask:
        order.append(subtask.id)
        plan = plan.started(len(order), LATER).finished("Done.", LATER)

    assert order == [subtask.id for subtask in plan.subtasks]


@pytest.mark.parametrize("dependencies", [("1",), ("2",), ("9",), ("0",)], ids=["itself", "a later", "none", "zero"])
def test_plan_is_refused_when_a_subtask_depends_on_no_earlier_one(dependencies: tuple[str, ...]) -> None:
    """So there is no circle."""
    with pytest.raises(ValidationError):
        make_plan(dependencies, ())


STATES = {
    "draft": make_plan(),
    "approved": make_plan().approved(START),
    "in progress": make_plan((), ()).approved(START).started(1, START),
    "asking": make_plan().approved(START).started(1, START).asking(START),
    "between": make_plan((), ()).approved(START).started(1, START).finished("Done.", START),
    "failed": make_plan().approved(START).started(1, START).stopped(CANCELLED, START, is_final=True),
    "completed": make_plan().approved(START).started(1, START).finished("Done.", START),
    "cancelled": make_plan().cancelled(START),
}
ALLOWED = {
    "draft": {"approve", "cancel"},
    "approved": {"cancel", "start", "fail", "stop", "skip the first", "skip the last"},
    "in progress": {"cancel", "finish", "fail", "stop", "interrupt", "ask", "skip the last"},
    "asking": {"cancel", "finish", "fail", "stop", "interrupt", "ask", "answer"},
    "between": {"cancel", "start", "fail", "stop", "skip the last"},
    "failed": {"cancel", "retry", "skip", "skip the first", "skip the last"},
    "completed": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", STEPS)
def test_step_is_taken_or_refused_by_where_the_plan_stands(state: str, name: str) -> None:
    """The table is the life of a plan."""
    plan = STATES[state]

    if name in ALLOWED[state]:
        assert STEPS[name](plan).changed_at == LATER
    else:
        with pytest.raises(PlanState):
            STEPS[name](plan)


def test_retry_gives_all_attempts_back() -> None:
    """The user's word begins it anew."""
    plan = STATES["failed"].retried("1", LATER)

    (subtask,) = plan.subtasks
    assert (plan.status, subtask.status) == (PlanStatus.IN_PROGRESS, SubtaskStatus.PENDING)
    assert (subtask.attempts, subtask.error, subtask.turn) == (0, None, None)


def test_subtask_is_refused_when_the_plan_has_none_of_this_id() -> None:
    """The user named something else."""
    with pytest.raises(PlanState, match="no subtask '7'"):
        STATES["failed"].retried("7", LATER)


@pytest.mark.parametrize("answer", ["x" * 3000, "語" * 3000, "\0" * 3000, "🦉" * 1500, ""])
def test_result_is_the_beginning_of_the_answer_when_it_is_long(answer: str) -> None:
    """A plan keeps what later subtasks need to know, within bounds; the log keeps it all."""
    (subtask,) = make_plan().approved(START).started(1, START).finished(answer, START).subtasks

    assert subtask.result is not None
    assert answer.startswith(subtask.result)
    assert len(subtask.result) <= 2000
    assert bool(subtask.result) == bool(answer)
