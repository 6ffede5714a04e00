"""Plans for tests: proposed and decided as the model's call and the user's decision will do it."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.commands.decide_plan import DecidePlanCommand
from domain.cqrs import Command, OfSession
from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.events.plan import PlanFailed
from domain.model.plan import Plan
from domain.model.subtask import Subtask
from domain.model.value import CallId, SessionKey
from domain.ports import SessionRepository
from domain.queries.get_plan import GetPlanQuery, PlanDTO
from domain.queries.get_session import SessionDTO
from domain.services import plans, turns
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService
from tests.support.fakes import START
from tests.support.system import TRACE, System, memory_system

CALL = CallId("9-0")


class StepCommand(OfSession, Command):
    """Whatever a test does to a session in one commit."""


def make_plan_arguments(*dependencies: Sequence[int], agents: Sequence[str] = ("coder",)) -> dict[str, Any]:
    """Return arguments of `create_plan`: a subtask for each entry, depending on those indices, agents in turn."""
    return {
        "title": "Lock it",
        "description": "A lock, its test, its words.",
        "subtasks": [
            {
                "title": f"Step {place}",
                "description": f"Do step {place}.",
                "agent": agents[place % len(agents)],
                "estimated_time_minutes": 5,
                "dependencies": list(wanted),
            }
            for place, wanted in enumerate(dependencies)
        ],
    }


def make_subtask(subtask_id: str = "1", **fields: Any) -> Subtask:
    """Return a subtask that has not begun."""
    defaults: dict[str, Any] = {
        "title": f"Step {subtask_id}",
        "description": f"Do step {subtask_id}.",
        "agent": "coder",
        "estimated_time_minutes": 5,
    }
    return Subtask(id=subtask_id, **defaults | fields)


def make_plan(*dependencies: Sequence[str], **fields: Any) -> Plan:
    """Return a draft with a subtask for each entry, depending on those ids; with one subtask when there are none."""
    subtasks = tuple(
        make_subtask(str(number), dependencies=tuple(wanted))
        for number, wanted in enumerate(dependencies or ((),), start=1)
    )
    defaults: dict[str, Any] = {
        "id": f"p-{CALL}",
        "call_id": CALL,
        "title": "Lock it",
        "description": "A lock, its test, its words.",
        "subtasks": subtasks,
        "created_at": START,
        "changed_at": START,
    }
    return Plan(**defaults | fields)


def step(system: System, key: SessionKey, decide: Callable[[Draft], object]) -> None:
    """Let `decide` change a session in one commit."""

    def decided(draft: Draft) -> SessionDTO:
        decide(draft)
        return SessionDTO.of(draft.session)

    command = StepCommand(user=key.user, session_id=key.session_id, trace=TRACE)
    system.get(SessionManagementService).change(command, key, decided, WholeAnswers(SessionDTO))


def propose(system: System, key: SessionKey, *dependencies: Sequence[int], **arguments: Any) -> None:
    """Store a draft; with one subtask when no dependencies are given."""
    step(
        system,
        key,
        lambda draft: plans.propose(draft, CALL, make_plan_arguments(*dependencies or ((),), **arguments)),
    )


def start_plan(system: System, key: SessionKey, *dependencies: Sequence[int], **arguments: Any) -> None:
    """Store a plan and approve it, so that its first subtask is owed where the session is at nothing else."""
    propose(system, key, *dependencies, **arguments)
    step(system, key, plans.approve)


def fail_plan(system: System, key: SessionKey) -> None:
    """Store a plan that stopped at its second subtask, which may be retried, whatever the session is at."""
    between = make_plan((), ()).approved(START).started(1, START).finished("One.", START)
    plan = between.stopped("TURN_FAILED", START, is_final=True)

    def failed(draft: Draft) -> None:
        draft.change_plan(plan)
        draft.record(PlanFailed(plan_id=plan.id, subtask_id="2", code="TURN_FAILED"))

    step(system, key, failed)


def decide(system: System, key: SessionKey, action: str, **fields: Any) -> PlanDTO:
    """Retry, skip or cancel."""
    command = DecidePlanCommand.model_validate(
        {"user": key.user, "session_id": key.session_id, "trace": TRACE, "action": action} | fields
    )
    decided: PlanDTO = system.registry.execute_command(command)
    return decided


def plan_of(system: System, key: SessionKey) -> PlanDTO:
    """Return the newest plan as its owner sees it."""
    query = GetPlanQuery(user=key.user, session_id=key.session_id, trace=TRACE)
    seen: PlanDTO = system.registry.execute_query(query)
    return seen


def statuses(system: System, key: SessionKey) -> tuple[str, ...]:
    """Return the status of the plan, then of each subtask, and check that head and plan agree."""
    plan = plan_of(system, key)
    head = system.session(key)
    stored = system.get(SessionRepository).plan(key)
    assert stored is not None
    assert (head.plan_id, head.is_plan_open) == (plan.id, stored.is_open)
    return plan.status.value, *(subtask.status.value for subtask in plan.subtasks)


def working(*answers: object, dependencies: tuple[tuple[int, ...], ...] = ((), (0,))) -> tuple[System, SessionKey]:
    """A session whose first subtask is owed, on a model with these answers."""
    system = memory_system(*answers)
    key = system.create(agent="coder")
    start_plan(system, key, *dependencies)
    return system, key


def facts_of_plan(system: System, key: SessionKey) -> list[str]:
    """The plan's own facts in order."""
    return [event.fact.type_name() for event in system.events(key) if event.fact.category == "plan"]


def asks(system: System, key: SessionKey) -> None:
    """Let the subtask's turn end with a question, as `ask_followup_question` ends it."""
    step(system, key, lambda draft: turns.complete(draft, AgentType.CODER, is_question=True))
