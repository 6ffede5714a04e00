"""The state charts of `docs/` show every step that sessions take, and no other.

Calls, approvals and turns are watched while sessions live; plans are led through every step that their rules allow.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import pairwise

import pytest

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus
from domain.model.errors import PlanState
from domain.model.llm import ModelAnswer
from domain.model.message import FINAL, CallStatus
from domain.model.plan import CANCELLED, CLOSED, Plan, PlanStatus
from domain.model.policy import Action, RequestType
from domain.model.session import TurnStatus
from domain.model.subtask import FINISHED, SubtaskStatus
from domain.services.turns import OnBusy
from tests.support.builders import calls, completes, memory_store, reads, text, unavailable, wants
from tests.support.entities import make_rule
from tests.support.fakes import START
from tests.support.memory_store import MemoryStore
from tests.support.pages import OUTSIDE, Arrows, charts, final, page, states, steps
from tests.support.plans import make_plan, make_plan_arguments
from tests.support.scenario import ScenarioBuilder
from tests.support.system import memory_system

Steps = set[tuple[str, str]]

COMMAND = wants("execute_command", command="make test")
SUM = wants("calculator", expr="1+1")
OTHER = {"modified_arguments": {"command": "make check"}}
PLAN = calls(wants("create_plan", **make_plan_arguments(())))
APPROVES_PLANS = make_rule("*", Action.APPROVE, request_type=RequestType.PLAN).model_dump_json()

APPROVAL_CHART, CALL_CHART = charts("approvals.md")
(TURN_CHART,) = charts("turns.md")
PLAN_CHART, SUBTASK_CHART = charts("plans.md")


def asked(*answers: ModelAnswer | Exception, agent: AgentType = AgentType.CODER) -> ScenarioBuilder:
    """Return a session whose model wants a file and a command, or gives these answers."""
    return ScenarioBuilder(agent=agent).says("Test it.").hears(*answers or (calls(*reads("a.py"), COMMAND),))


def planned() -> ScenarioBuilder:
    """Return a session whose architect has proposed a plan."""
    return ScenarioBuilder(agent=AgentType.ARCHITECT).says("Plan it.").hears(PLAN)


def failed_then_asked() -> ScenarioBuilder:
    """Return a session that goes on after a turn that failed."""
    return asked(unavailable()).says("Again.").hears(text())


def stopped(scenario: ScenarioBuilder) -> ScenarioBuilder:
    """Deactivate a session, which ends whatever it is at."""
    scenario.system.update(scenario.key, is_active=False)
    return scenario


def failed_at_client() -> ScenarioBuilder:
    """Return a session whose client could not carry out what it was asked for."""
    scenario = asked(calls(*reads("a.py"), COMMAND)).approves()
    for call_id in scenario.open_calls:
        scenario.system.give(scenario.key, call_id, error="No such file.")
    return scenario.hears(text())


LIVES: dict[str, Callable[[], ScenarioBuilder]] = {
    "answered": lambda: asked(completes()),
    "approved": lambda: asked().approves().gives("x = 1", "ok").hears(text()),
    "edited": lambda: asked().edits(**OTHER).gives("x = 1", "ok").hears(text()),
    "rejected": lambda: asked().rejects("No.").gives("x = 1").hears(text()),
    "rejected at last": lambda: asked().gives("x = 1").rejects().hears(text()),
    "approved at last": lambda: asked(calls(COMMAND)).approves().gives("ok").hears(text()),
    "expired": lambda: asked().gives("x = 1").keeps_silent().hears(text()),
    "moved on": lambda: asked().says("Something else.").hears(text()),
    "moved on after a yes": lambda: asked().approves().says("Something else.").hears(text()),
    "stopped while asked": lambda: stopped(asked()),
    "stopped after a yes": lambda: stopped(asked().approves()),
    "stopped while running": lambda: stopped(ScenarioBuilder().says("Test it.")),
    "interrupted": lambda: ScenarioBuilder().says("One.").says("Two.", on_busy=OnBusy.INTERRUPT).hears(text()),
    "failed": failed_then_asked,
    "failed at the client": failed_at_client,
    "looks only": lambda: asked(calls(*reads("a.py"))).gives("x = 1").hears(text()),
    "refused": lambda: asked(calls(wants("delete_everything")), text()),
    "carried out here": lambda: asked(calls(SUM, wants("calculator", expr="1/0")), text(), agent=AgentType.ASK),
    "plan approved": lambda: planned().approves().hears(completes()),
    "plan approved by policy": lambda: (
        ScenarioBuilder(
            memory_system(policies=f"[{APPROVES_PLANS}]"),
            agent=AgentType.ARCHITECT,
        )
        .says("Plan it.")
        .hears(PLAN, completes())
    ),
    "plan changed": lambda: planned().edits(feedback="Smaller.").hears(PLAN).rejects(),
    "plan rejected": lambda: planned().rejects("No."),
}


def lived() -> Sequence[MemoryStore]:
    """Return the stores of every life."""
    return [memory_store(life().system) for life in LIVES.values()]


def steps_of_turns(store: MemoryStore) -> Steps:
    """Return every change of the session's turn status; staying is none."""
    statuses = [commit.after.turn.status.value for commit in store.commits]
    return {(before, after) for before, after in pairwise((OUTSIDE, *statuses)) if before != after}


def steps_of_calls(store: MemoryStore) -> Steps:
    """Return every change of every call."""
    taken: Steps = set()
    now: dict[str, str] = {}
    for commit in store.commits:
        asked_for = [call for event in commit.events if event.message for call in event.message.tool_calls]
        changes = [(call.call_id, call.status.value) for call in asked_for]
        changes += [(grant.call_id, CallStatus.APPROVED.value) for grant in commit.granted]
        changes += [(closing.call_id, closing.status.value) for closing in commit.closed]
        for call_id, status in changes:
            taken.add((now.get(call_id, OUTSIDE), status))
            now[call_id] = status
    return taken


def steps_of_approvals(store: MemoryStore) -> Steps:
    """Return every change of every approval."""
    begun = {(OUTSIDE, approval.status.value) for commit in store.commits for approval in commit.requested}
    pending = ApprovalStatus.PENDING.value
    return begun | {(pending, decision.status.value) for commit in store.commits for decision in commit.decided}


def arrows(chart: Arrows) -> Steps:
    """Return the arrows of a chart, without those that lead out of it."""
    return {(begin, end) for begin, end in chart if end != OUTSIDE}


@pytest.mark.parametrize(
    ("chart", "watched"),
    [(APPROVAL_CHART, steps_of_approvals), (CALL_CHART, steps_of_calls), (TURN_CHART, steps_of_turns)],
    ids=["approval", "call", "turn"],
)
def test_chart_shows_what_happens_when_sessions_live(chart: Arrows, watched: Callable[[MemoryStore], Steps]) -> None:
    """Every arrow is taken in one of the lives, and no life takes a step that is not there."""
    taken = set().union(*(watched(store) for store in lived()))

    assert taken == arrows(chart)


@pytest.mark.parametrize(
    ("chart", "known", "ends"),
    [
        (APPROVAL_CHART, set(ApprovalStatus), set(ApprovalStatus) - {ApprovalStatus.PENDING}),
        (CALL_CHART, set(CallStatus), FINAL),
        (TURN_CHART, set(TurnStatus) - {TurnStatus.WAITING_FOR_BUDGET}, set()),
        (PLAN_CHART, set(PlanStatus), CLOSED),
        (SUBTASK_CHART, set(SubtaskStatus), FINISHED),
    ],
    ids=["approval", "call", "turn", "plan", "subtask"],
)
def test_chart_names_every_state_when_it_is_read(chart: Arrows, known: set[StrEnum], ends: set[StrEnum]) -> None:
    """Each status of the code, and as final those that are."""
    assert states(chart) == {status.value for status in known}
    assert final(chart) == {status.value for status in ends}


def test_page_says_which_status_nothing_leads_to() -> None:
    """The contract knows one status more than any session can have."""
    assert f"`{TurnStatus.WAITING_FOR_BUDGET.value}`" in page("turns.md")


PLAN_STEPS: tuple[Callable[[Plan], Plan], ...] = (
    lambda plan: plan.approved(START),
    lambda plan: plan.cancelled(START),
    lambda plan: plan.started(7, START),
    lambda plan: plan.finished("Done.", START),
    lambda plan: plan.stopped("TURN_FAILED", START),
    lambda plan: plan.stopped(CANCELLED, START, is_final=True),
    lambda plan: plan.interrupted(START),
    lambda plan: plan.asking(START),
    lambda plan: plan.answered(8, START),
    lambda plan: plan.retried(None, START),
    lambda plan: plan.skipped(None, START),
    lambda plan: plan.skipped("1", START),
    lambda plan: plan.skipped("2", START),
)


def every_step_of_plans() -> tuple[Steps, Steps]:
    """Return every change of status that the rules allow to a plan of two subtasks, and to its subtasks."""
    of_plans: Steps = set()
    of_subtasks: Steps = set()
    found = [make_plan((), ())]
    seen = set(found)
    while found:
        plan = found.pop()
        for step in PLAN_STEPS:
            try:
                after = step(plan)
            except PlanState:
                continue
            of_plans.add((plan.status.value, after.status.value))
            pairs = zip(plan.subtasks, after.subtasks, strict=True)
            of_subtasks |= {(old.status.value, new.status.value) for old, new in pairs}
            if after not in seen:
                seen.add(after)
                found.append(after)
    return of_plans, of_subtasks


@pytest.mark.parametrize(("chart", "place"), [(PLAN_CHART, 0), (SUBTASK_CHART, 1)], ids=["plan", "subtask"])
def test_chart_shows_every_step_when_plans_are_led_through_all_of_them(chart: Arrows, place: int) -> None:
    """No more and no fewer; that something stays as it is need not be said."""
    allowed = {(before, after) for before, after in every_step_of_plans()[place] if before != after}

    assert {(before, after) for before, after in steps(chart) if before != after} == allowed
