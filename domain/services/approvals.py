"""The life of an approval: asked for, granted, edited, rejected, expired or cancelled. Pure rules on a draft."""

from datetime import timedelta

from domain.model.approval import Approval, ApprovalStatus, arguments_hash
from domain.model.draft import Draft
from domain.model.events.approval import (
    ApprovalEdited,
    ApprovalExpired,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalRequested,
)
from domain.model.events.tool import ToolCallCompleted
from domain.model.message import CallStatus, ToolCall
from domain.model.policy import RequestType
from domain.model.value import JsonObject, UserId
from domain.services import plans, turns

PLANNING_TOOL = "create_plan"


def request(
    draft: Draft,
    call: ToolCall,
    *,
    request_type: RequestType,
    subject: str,
    seconds: int,
    reason: str | None = None,
) -> None:
    """Open a call that runs only after a person's yes.

    Args:
        draft: Of the answer that asks for the call.
        call: With the status `awaiting_approval`.
        request_type: What the person is asked for.
        subject: The tool's name, or the plan's title.
        seconds: Until silence counts as no.
        reason: Why somebody is asked.
    """
    approval = Approval(
        call_id=call.call_id,
        request_type=request_type,
        subject=subject,
        arguments=call.arguments,
        reason=reason,
        created_at=draft.at,
        expires_at=draft.at + timedelta(seconds=seconds),
    )
    draft.record(
        ApprovalRequested(
            approval_id=approval.id,
            call_id=call.call_id,
            request_type=request_type,
            tool=call.tool,
            arguments_sha256=approval.arguments_sha256,
            expires_at=approval.expires_at,
        )
    )
    draft.open_call(call, approval)


def grant(draft: Draft, approval: Approval, decided_by: UserId) -> None:
    """Let the call run as it was shown, or the plan be carried out."""
    draft.record(
        ApprovalGranted(
            approval_id=approval.id,
            call_id=approval.call_id,
            arguments_sha256=approval.arguments_sha256,
            decided_by=decided_by,
        )
    )
    draft.decide_approval(approval.call_id, ApprovalStatus.APPROVED)
    if approval.request_type is RequestType.PLAN:
        plans.approve(draft)
        draft.record(ToolCallCompleted(call_id=approval.call_id, tool=PLANNING_TOOL))
        _end_planning(
            draft, approval, CallStatus.DONE, "Approved by the user. The subtasks run now, each by its agent."
        )
    else:
        draft.grant_call(approval.call_id)
        turns.go_on_waiting(draft)


def edit(draft: Draft, approval: Approval, decided_by: UserId, arguments: JsonObject) -> None:
    """Let the call of a tool run with other arguments, which fit it."""
    draft.record(_edited(approval, decided_by, arguments_hash(arguments)))
    draft.decide_approval(approval.call_id, ApprovalStatus.EDITED, modified_arguments=arguments)
    draft.grant_call(approval.call_id, arguments)
    turns.go_on_waiting(draft)


def revise(draft: Draft, approval: Approval, decided_by: UserId, feedback: str) -> None:
    """Let the plan be made anew with what the user says to it."""
    draft.record(_edited(approval, decided_by, None), note=feedback)
    draft.decide_approval(approval.call_id, ApprovalStatus.EDITED, feedback=feedback)
    plans.revise(draft)
    said = f"The user wants the plan changed before it is carried out. Propose it anew: {feedback}"
    turns.end_call(draft, approval.call_id, CallStatus.REJECTED, said)


def reject(draft: Draft, approval: Approval, decided_by: UserId, feedback: str | None) -> None:
    """Close the call without running it; the model reads why. A plan is dropped, and its turn ends."""
    draft.record(
        ApprovalRejected(
            approval_id=approval.id,
            call_id=approval.call_id,
            arguments_sha256=approval.arguments_sha256,
            decided_by=decided_by,
        ),
        note=feedback,
    )
    draft.decide_approval(approval.call_id, ApprovalStatus.REJECTED, feedback=feedback)
    said = f"Rejected by the user, not run: {feedback}" if feedback else "Rejected by the user, not run."
    if approval.request_type is RequestType.PLAN:
        plans.reject(draft)
        _end_planning(draft, approval, CallStatus.REJECTED, said)
    else:
        turns.end_call(draft, approval.call_id, CallStatus.REJECTED, said)


def expire(draft: Draft, approval: Approval) -> None:
    """Close the call because nobody answered in time."""
    draft.record(ApprovalExpired(approval_id=approval.id, call_id=approval.call_id))
    draft.decide_approval(approval.call_id, ApprovalStatus.EXPIRED)
    said = "Not run: nobody approved it in time. Do not ask for it again unless the user does."
    turns.end_call(draft, approval.call_id, CallStatus.EXPIRED, said)


def _edited(approval: Approval, decided_by: UserId, modified_sha256: str | None) -> ApprovalEdited:
    return ApprovalEdited(
        approval_id=approval.id,
        call_id=approval.call_id,
        arguments_sha256=approval.arguments_sha256,
        modified_sha256=modified_sha256,
        decided_by=decided_by,
    )


def _end_planning(draft: Draft, approval: Approval, status: CallStatus, said: str) -> None:
    planner = draft.session.agent.current_agent
    is_next_owed = draft.session.queued > 0
    turns.answer_call(draft, approval.call_id, status, said)
    turns.complete(draft, planner)
    if is_next_owed:
        # No worker is at it that would go on with the queue.
        turns.request_next(draft)
