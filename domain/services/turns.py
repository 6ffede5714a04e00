"""The life of a turn: how it begins, waits, ends, and how the next one follows. Pure rules on a draft."""

from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus, approval_id_of
from domain.model.change import Call
from domain.model.draft import Draft
from domain.model.errors import AgentSwitchError, SessionBusy
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.approval import ApprovalCancelled
from domain.model.events.system import LockLost
from domain.model.events.tool import ToolCallCancelled, ToolCallCompleted, ToolCallFailed
from domain.model.events.turn import (
    TurnCancelled,
    TurnCompleted,
    TurnFailed,
    TurnReason,
    TurnRecovered,
    TurnRequested,
    TurnWaiting,
)
from domain.model.message import CallStatus, Message, Role
from domain.model.session import Turn, TurnError, TurnErrorCode, TurnStatus
from domain.model.value import CallId
from domain.services import subtasks
from domain.services.deployment import Deployment
from domain.services.subtasks import Ending
from domain.services.titles import title_from

BUSY_RETRY_SECONDS = 1

ERROR_DETAILS = {
    TurnErrorCode.MODEL_UNAVAILABLE: "The language model did not answer. Send the message again later.",
    TurnErrorCode.BUDGET_EXCEEDED: "The budget is used up.",
    TurnErrorCode.TURN_LIMIT: "The turn reached its limit of rounds or refused calls. Send a narrower request.",
    TurnErrorCode.TURN_FAILED: "The turn could not be finished. Send the message again.",
}
"""What a client reads beside each code; one sentence for each, so the head stores the code alone."""


CALL_END_FACTS: dict[CallStatus, type[ToolCallCompleted | ToolCallFailed]] = {
    CallStatus.DONE: ToolCallCompleted,
    CallStatus.FAILED: ToolCallFailed,
}
"""How the result of a call is told, whoever carried it out."""


ENDED = frozenset({TurnStatus.IDLE, TurnStatus.FAILED})
"""States in which a session is at nothing; in every other one it is busy."""


class OnBusy(StrEnum):
    """What a message does that arrives while the session is at work."""

    ENQUEUE = "enqueue"
    REJECT = "reject"
    INTERRUPT = "interrupt"


def accept_message(
    draft: Draft, content: str, *, agent: AgentType | None, on_busy: OnBusy, deployment: Deployment
) -> Message:
    """Take a user message: it starts a turn, or waits in the queue of a running one.

    While the client is waited for, a message means that the user moved on: the open calls are cancelled. The agent
    asked for speaks from this message's turn on. A subtask that waits for the user's answer takes the next message
    for it, unless that asks for somebody else.

    Returns:
        The message, in the turn of its own that it was given.

    Raises:
        SessionInactive: the session takes no commands.
        SessionBusy: a turn is in progress and `on_busy` is reject.
        AgentSwitchError: there is no such agent in this deployment.
    """
    session = draft.session
    draft.must_be_active()
    if agent is not None and agent not in deployment.agents:
        raise AgentSwitchError
    if session.turn.status not in ENDED:
        if on_busy is OnBusy.REJECT:
            raise SessionBusy(retry_after_seconds=BUSY_RETRY_SECONDS)
        if on_busy is OnBusy.INTERRUPT or not session.is_turn_owed:
            cancel(draft)
    number = draft.session.last_turn + 1
    draft.change(
        last_turn=number,
        last_activity_at=draft.at,
        title=session.title or title_from(content),
    )
    if not draft.session.is_turn_owed:
        draft.change(turn=Turn(number=number, status=TurnStatus.RUNNING))
    answered = subtasks.take_answer(draft, number, agent)
    message = draft.add_message(Role.USER, content, turn=number, agent=answered or agent)
    draft.record(TurnRequested(turn=number, reason=TurnReason.MESSAGE), turn=number)
    return message


def close_call(draft: Draft, call: Call, status: CallStatus, content: str) -> Message:
    """Take the client's result of an open call; the last one gives the turn back to the model."""
    draft.record(CALL_END_FACTS[status](call_id=call.call_id, tool=call.tool))
    return end_call(draft, call.call_id, status, content)


def end_call(draft: Draft, call_id: CallId, status: CallStatus, content: str) -> Message:
    """Close a call with what the model reads of it; the last one gives the turn back to the model."""
    message = answer_call(draft, call_id, status, content)
    if draft.session.open_calls:
        go_on_waiting(draft)
    else:
        draft.change_turn(status=TurnStatus.RUNNING)
        draft.record(TurnRequested(turn=draft.session.turn.number, reason=TurnReason.CALLS_CLOSED))
    return message


def answer_call(draft: Draft, call_id: CallId, status: CallStatus, content: str) -> Message:
    """Close a call with what the model reads of it, and leave to the caller what comes next."""
    draft.close_call(call_id, status)
    return draft.add_message(Role.TOOL, content, tool_call_id=call_id, outcome=status)


def go_on_waiting(draft: Draft) -> None:
    """Say whom the turn waits for when that has changed: a person as long as one call needs leave, then the client."""
    if draft.session.turn.status is not _awaited(draft):
        wait(draft)


def wait(draft: Draft) -> None:
    """Leave the turn to the person or the client until its open calls are closed."""
    draft.change_turn(status=_awaited(draft))
    turn = draft.session.turn
    draft.record(TurnWaiting(turn=turn.number, status=turn.status, open_calls=draft.session.open_calls))


def _awaited(draft: Draft) -> TurnStatus:
    return TurnStatus.WAITING_FOR_APPROVAL if draft.session.awaiting_approval else TurnStatus.WAITING_FOR_TOOLS


def complete(draft: Draft, agent: AgentType, *, is_question: bool = False) -> None:
    """End the turn with its answer given by `agent`, or with a question to the user; a plan goes on.

    The commit that holds the answer must be this one, since it is the result of the subtask that the turn may be.
    """
    turn = draft.session.turn
    draft.record(TurnCompleted(turn=turn.number, agent=agent, rounds=turn.rounds))
    _end(draft, Ending.ASKED if is_question else Ending.COMPLETED, TurnStatus.IDLE)
    go_on(draft)


def fail(draft: Draft, code: TurnErrorCode) -> None:
    """End the turn without an answer; what was produced stays, and a plan goes on."""
    draft.record(TurnFailed(turn=draft.session.turn.number, code=code))
    _end(draft, Ending.FAILED, TurnStatus.FAILED, TurnError(code=code, detail=ERROR_DETAILS[code]))
    go_on(draft)


def cancel(draft: Draft) -> None:
    """End the turn because the user wants it ended; its worker cannot write any more, its open calls are closed.

    What comes next is the caller's: another turn, or `request_next`.
    """
    for call_id in draft.session.open_calls:
        _cancel_call(draft, call_id)
    draft.record(TurnCancelled(turn=draft.session.turn.number))
    draft.break_lock()
    _end(draft, Ending.INTERRUPTED, TurnStatus.IDLE)


def request_next(draft: Draft) -> None:
    """Ask for a worker when ending one turn has left the next of the queue, or of the plan, to work on."""
    if draft.session.is_turn_owed:
        draft.record(TurnRequested(turn=draft.session.turn.number, reason=TurnReason.NEXT_MESSAGE))
    else:
        go_on(draft)


def go_on(draft: Draft) -> None:
    """Start the next subtask of an approved plan, as soon as the session is at nothing else."""
    if draft.session.turn.status in ENDED:
        subtasks.start_next(draft)


def leave_plan(draft: Draft) -> None:
    """Let the next message be routed afresh, since the plan that was worked on is over."""
    switch_agent(draft, AgentType.ORCHESTRATOR, SwitchReason.COMPLETED)


def cancel_all(draft: Draft) -> None:
    """End the turn in progress and drop those that wait, each told as cancelled; a plan stops where it is."""
    subtasks.stop(draft)
    while draft.session.turn.status not in ENDED:
        cancel(draft)


def tell_recovery(draft: Draft, lost_fence: int | None, attempt: int) -> None:
    """Say, in the first commit after taking the lock, that its former holder vanished; `lost_fence` None if none did.

    Args:
        draft: The successor's commit.
        lost_fence: As the lease says it.
        attempt: Which lock taking since the last commit this is, from 1.
    """
    if lost_fence is not None:
        draft.record(LockLost(fence=lost_fence))
        draft.record(TurnRecovered(turn=draft.session.turn.number, attempt=attempt))


def switch_agent(
    draft: Draft,
    to_agent: AgentType,
    reason: SwitchReason,
    *,
    confidence: float | None = None,
    is_fallback: bool = False,
    note: str | None = None,
) -> None:
    """Let another agent speak from now on; nothing happens when it already does.

    Args:
        draft: Of the session.
        to_agent: Who speaks.
        reason: Who or what decided.
        confidence: 0 to 1, when somebody said how sure they are.
        is_fallback: Keywords decided.
        note: The reason in somebody's own words.
    """
    context = draft.session.agent
    if context.current_agent is to_agent:
        return
    draft.record(
        AgentSwitched(
            from_agent=context.current_agent,
            to_agent=to_agent,
            reason=reason,
            confidence=confidence,
            is_fallback=is_fallback,
        ),
        note=note,
    )
    draft.change(agent=context.switched(to_agent, draft.at))
    if reason is not SwitchReason.COMPLETED:
        draft.change_turn(switches=draft.session.turn.switches + 1)


def _cancel_call(draft: Draft, call_id: CallId) -> None:
    if call_id in draft.session.awaiting_approval:
        draft.record(ApprovalCancelled(approval_id=approval_id_of(call_id), call_id=call_id))
        draft.decide_approval(call_id, ApprovalStatus.CANCELLED)
    draft.record(ToolCallCancelled(call_id=call_id))
    said = "Cancelled: the user moved on before this call was carried out."
    answer_call(draft, call_id, CallStatus.CANCELLED, said)


def _end(draft: Draft, ending: Ending, status: TurnStatus, error: TurnError | None = None) -> None:
    # Workers that died over this turn, or were shut out of it, say nothing of the next one.
    draft.change(attempts=0)
    if subtasks.turn_ended(draft, ending, error):
        leave_plan(draft)
    if draft.session.queued:
        draft.change(turn=Turn(number=draft.session.turn.number + 1, status=TurnStatus.RUNNING))
    else:
        draft.change_turn(status=status, error=error)
