"""What a model and a user do to the plan of a session: propose, decide, retry, skip, give up. Pure rules on a draft."""

from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.errors import PlanNotFound, PlanState
from domain.model.events.agent import SwitchReason
from domain.model.events.plan import (
    PlanApproved,
    PlanCancelled,
    PlanCreated,
    PlanRejected,
    PlanRevisionRequested,
    SubtaskFailed,
    SubtaskRetried,
    SubtaskSkipped,
)
from domain.model.plan import CANCELLED, Plan, PlanStatus
from domain.model.subtask import Subtask
from domain.model.value import CallId, JsonObject
from domain.services import subtasks, turns

IN_PROGRESS = "Refused: a plan is in progress already. Do your part of it, or tell the user to cancel it first."


def refusal(draft: Draft) -> str | None:
    """Return why no plan can be proposed now, as the model reads it; None when one can."""
    return IN_PROGRESS if draft.plan and draft.plan.is_going_on else None


def must_exist(draft: Draft) -> None:
    """Return if the session has, or had, a plan.

    Raises:
        PlanNotFound: it has never had one.
    """
    if draft.session.plan_id is None:
        raise PlanNotFound


def propose(draft: Draft, call_id: CallId, arguments: JsonObject) -> Plan:
    """Store the plan of a `create_plan` call as a draft, in the place of a draft or of a failed plan.

    Args:
        draft: Of the session.
        call_id: The call, which waits for the user's decision.
        arguments: As they fit the tool's schema: dependencies are indices, from 0, of earlier subtasks.

    Raises:
        PlanState: `refusal` has a reason against it, which is the error's text.
    """
    if reason := refusal(draft):
        raise PlanState(reason)
    if draft.plan and draft.plan.status is PlanStatus.FAILED:
        draft.record(PlanCancelled(plan_id=draft.plan.id))
    plan = Plan(
        id=f"p-{call_id}",
        call_id=call_id,
        title=arguments["title"],
        description=arguments["description"],
        subtasks=tuple(_subtask(number, planned) for number, planned in enumerate(arguments["subtasks"], start=1)),
        created_at=draft.at,
        changed_at=draft.at,
    )
    draft.change_plan(plan)
    minutes = sum(subtask.estimated_time_minutes for subtask in plan.subtasks)
    draft.record(
        PlanCreated(plan_id=plan.id, call_id=call_id, subtasks=len(plan.subtasks), estimated_time_minutes=minutes)
    )
    return plan


def approve(draft: Draft) -> Plan:
    """Let the draft be carried out: its first subtask starts as soon as the session is at nothing else.

    Call it before the turn that proposed the plan is ended, since an undecided draft ends with its turn.

    Raises:
        PlanState: there is no draft.
    """
    plan = _drafted(draft).approved(draft.at)
    draft.change_plan(plan)
    draft.record(PlanApproved(plan_id=plan.id))
    turns.go_on(draft)
    return draft.plan or plan


def reject(draft: Draft) -> Plan:
    """Cancel the draft and let the orchestrator speak; call it before the turn that proposed the plan is ended.

    Raises:
        PlanState: there is no draft.
    """
    plan = _drafted(draft).cancelled(draft.at)
    draft.change_plan(plan)
    draft.record(PlanRejected(plan_id=plan.id))
    turns.switch_agent(draft, AgentType.ORCHESTRATOR, SwitchReason.PLAN)
    return plan


def revise(draft: Draft) -> Plan:
    """Ask for another plan: the draft stays until the planner's next one replaces it, or its turn ends without.

    Raises:
        PlanState: there is no draft.
    """
    plan = _drafted(draft)
    draft.record(PlanRevisionRequested(plan_id=plan.id))
    return plan


def cancel(draft: Draft) -> Plan:
    """Give the plan up, whatever it is at; a turn that works on it, or waits for its approval, is cancelled.

    Raises:
        PlanNotFound: the session has never had a plan.
        PlanState: the plan is closed.
    """
    plan = _open(draft)
    number = draft.session.turn.number
    is_worked_on = plan.does(number) and draft.session.turn.status not in turns.ENDED
    is_asked_about = plan.call_id in draft.session.open_calls
    after = plan.cancelled(draft.at)
    draft.change_plan(after)
    if plan.running:
        draft.record(
            SubtaskFailed(
                plan_id=plan.id,
                subtask_id=plan.running.id,
                attempt=plan.running.attempts,
                code=CANCELLED,
                is_final=True,
            )
        )
    draft.record(PlanCancelled(plan_id=plan.id))
    if is_worked_on or is_asked_about:
        turns.cancel(draft)
        turns.request_next(draft)
    return after


def retry(draft: Draft, subtask_id: str | None = None) -> Plan:
    """Let a failed plan go on with the subtask that failed.

    Raises:
        PlanNotFound: the session has never had a plan.
        PlanState: the plan, or the subtask named, has not failed.
    """
    plan = _open(draft)
    after = plan.retried(subtask_id, draft.at)
    draft.change_plan(after)
    draft.record(SubtaskRetried(plan_id=plan.id, subtask_id=_changed(plan, after).id))
    return _gone_on(draft)


def skip(draft: Draft, subtask_id: str | None = None) -> Plan:
    """Let a plan go on without a subtask: the failed one unless another is named, which must not have begun.

    Raises:
        PlanNotFound: the session has never had a plan.
        PlanState: the plan is not approved, or the subtask is at work or finished.
    """
    plan = _open(draft)
    after = plan.skipped(subtask_id, draft.at)
    draft.change_plan(after)
    percentage = after.progress.percentage
    draft.record(SubtaskSkipped(plan_id=plan.id, subtask_id=_changed(plan, after).id, percentage=percentage))
    if subtasks.tell_completion(draft, after):
        if draft.session.turn.status in turns.ENDED:
            turns.leave_plan(draft)
        return after
    return _gone_on(draft)


def _changed(plan: Plan, after: Plan) -> Subtask:
    return next(new for old, new in zip(plan.subtasks, after.subtasks, strict=True) if old != new)


def _gone_on(draft: Draft) -> Plan:
    turns.go_on(draft)
    return _open(draft)


def _open(draft: Draft) -> Plan:
    if draft.plan is None:
        must_exist(draft)
        raise PlanState("The plan is over.")
    return draft.plan


def _drafted(draft: Draft) -> Plan:
    if draft.plan is None or draft.plan.status is not PlanStatus.DRAFT:
        raise PlanState("There is no plan to decide upon.")
    return draft.plan


def _subtask(number: int, planned: JsonObject) -> Subtask:
    return Subtask(
        id=str(number),
        title=planned["title"],
        description=planned["description"],
        agent=AgentType(planned["agent"]),
        estimated_time_minutes=planned["estimated_time_minutes"],
        dependencies=tuple(str(index + 1) for index in planned.get("dependencies", ())),
    )
