"""How a plan follows the turns of its session: one that begins, ends or is stopped may be a subtask's. Pure rules."""

from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.events.plan import (
    PlanCancelled,
    PlanCompleted,
    PlanFailed,
    SubtaskCompleted,
    SubtaskFailed,
    SubtaskStarted,
)
from domain.model.events.turn import TurnReason, TurnRequested
from domain.model.message import Role
from domain.model.plan import CANCELLED, Plan, PlanStatus
from domain.model.session import Turn, TurnError, TurnStatus
from domain.model.subtask import Subtask


class Ending(StrEnum):
    """How a turn ended, as a plan sees it."""

    COMPLETED = "completed"
    ASKED = "asked"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


def turn_ended(draft: Draft, ending: Ending, error: TurnError | None = None) -> bool:
    """Let the plan take note of the end of the session's turn, before any other turn follows.

    A subtask whose turn was completed is done, one whose turn failed is tried again or stops the plan, one that was
    interrupted begins anew later, and one that asked waits for the user. A draft that nobody can decide upon any more,
    because the turn that proposed it is over, is cancelled.

    Returns:
        Whether the plan was completed by that.
    """
    plan = draft.plan
    if plan is None:
        return False
    if plan.status is PlanStatus.DRAFT and ending is not Ending.ASKED:
        draft.change_plan(plan.cancelled(draft.at))
        draft.record(PlanCancelled(plan_id=plan.id))
    elif plan.does(draft.session.turn.number):
        return _subtask_ended(draft, plan, ending, error)
    return False


def start_next(draft: Draft) -> None:
    """Begin a turn for the next subtask of the plan, if there is one; the session must be at nothing.

    The turn is like any other: a message of role user asks the subtask's agent for the work, with what the subtasks
    brought on which it depends.
    """
    subtask = draft.plan.next_subtask if draft.plan else None
    if draft.plan is None or subtask is None:
        return
    number = draft.session.last_turn + 1
    plan = draft.plan.started(number, draft.at)
    draft.change_plan(plan)
    draft.change(last_turn=number, turn=Turn(number=number, status=TurnStatus.RUNNING))
    attempt = plan.subtask(subtask.id).attempts
    draft.record(SubtaskStarted(plan_id=plan.id, subtask_id=subtask.id, agent=subtask.agent, attempt=attempt))
    draft.add_message(Role.USER, task_text(plan, subtask), agent=subtask.agent)
    draft.record(TurnRequested(turn=number, reason=TurnReason.SUBTASK))


def take_answer(draft: Draft, turn: int, agent: AgentType | None) -> AgentType | None:
    """Let a user message that begins `turn` be the answer that a subtask waits for.

    Args:
        draft: Of the session.
        turn: The message's own.
        agent: Whom the message asks for; an agent other than the subtask's is not meant to answer for it.

    Returns:
        The agent that goes on with its subtask; None when the message is no answer.
    """
    plan = draft.plan
    running = plan.running if plan else None
    if plan is None or running is None or running.turn is not None or agent not in {None, running.agent}:
        return None
    draft.change_plan(plan.answered(turn, draft.at))
    return running.agent


def stop(draft: Draft) -> None:
    """Let a plan that goes on stop where it is, because the user stops everything; it may be retried from there."""
    if draft.plan and draft.plan.is_going_on:
        _fail(draft, draft.plan, CANCELLED, is_final=True)


def task_text(plan: Plan, subtask: Subtask) -> str:
    """Return what the agent of `subtask` is asked to do."""
    parts = [f"Subtask {subtask.id} of the plan “{plan.title}”: {subtask.title}", subtask.description]
    for other in map(plan.subtask, subtask.dependencies):
        outcome = "It was skipped." if other.result is None else other.result
        parts.append(f"Result of subtask {other.id}, {other.title}:\n{outcome}")
    return "\n\n".join(parts)


def _subtask_ended(draft: Draft, plan: Plan, ending: Ending, error: TurnError | None) -> bool:
    match ending:
        case Ending.COMPLETED:
            return _finish(draft, plan)
        case Ending.ASKED:
            draft.change_plan(plan.asking(draft.at))
        case Ending.INTERRUPTED:
            draft.change_plan(plan.interrupted(draft.at))
        case Ending.FAILED:
            _fail(draft, plan, error.code.value if error else CANCELLED, is_final=False)
    return False


def _finish(draft: Draft, plan: Plan) -> bool:
    running = plan.running
    after = plan.finished(draft.answer, draft.at)
    draft.change_plan(after)
    if running:
        percentage = after.progress.percentage
        draft.record(SubtaskCompleted(plan_id=plan.id, subtask_id=running.id, percentage=percentage))
    return tell_completion(draft, after)


def tell_completion(draft: Draft, plan: Plan) -> bool:
    """Say that `plan` is completed if it is, and return whether it is."""
    is_completed = plan.status is PlanStatus.COMPLETED
    if is_completed:
        progress = plan.progress
        draft.record(PlanCompleted(plan_id=plan.id, done=progress.done, skipped=progress.skipped))
    return is_completed


def _fail(draft: Draft, plan: Plan, code: str, *, is_final: bool) -> None:
    subtask = plan.running or plan.next_subtask
    if subtask is None:
        return
    after = plan.stopped(code, draft.at, is_final=is_final)
    draft.change_plan(after)
    draft.record(
        SubtaskFailed(
            plan_id=plan.id,
            subtask_id=subtask.id,
            attempt=subtask.attempts,
            code=code,
            is_final=after.status is PlanStatus.FAILED,
        )
    )
    if after.status is PlanStatus.FAILED:
        draft.record(PlanFailed(plan_id=plan.id, subtask_id=subtask.id, code=code))
