"""What holds for the approvals of a session after every single step."""

from collections import Counter

from domain.model.approval import Approval, ApprovalStatus, arguments_hash
from domain.model.change import Decision
from domain.model.events.approval import (
    ApprovalCancelled,
    ApprovalEdited,
    ApprovalExpired,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalRequested,
)
from domain.model.events.base import Category, Fact
from domain.model.log import Event
from domain.model.message import CallStatus, ToolCall
from domain.model.policy import RequestType
from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from tests.support.memory_store import MemoryStore

DECISION_FACTS: dict[ApprovalStatus, type[Fact]] = {
    ApprovalStatus.APPROVED: ApprovalGranted,
    ApprovalStatus.EDITED: ApprovalEdited,
    ApprovalStatus.REJECTED: ApprovalRejected,
    ApprovalStatus.EXPIRED: ApprovalExpired,
    ApprovalStatus.CANCELLED: ApprovalCancelled,
}
PERSONS_WORD = (ApprovalGranted, ApprovalEdited, ApprovalRejected)
MAY_RUN = {CallStatus.APPROVED, CallStatus.DONE, CallStatus.FAILED}
RAN_OR_WILL = {
    ApprovalStatus.APPROVED: MAY_RUN | {CallStatus.CANCELLED},
    ApprovalStatus.EDITED: MAY_RUN | {CallStatus.CANCELLED},
    ApprovalStatus.REJECTED: {CallStatus.REJECTED},
    ApprovalStatus.EXPIRED: {CallStatus.EXPIRED},
    ApprovalStatus.CANCELLED: {CallStatus.CANCELLED},
    ApprovalStatus.PENDING: {CallStatus.AWAITING_APPROVAL},
}
"""What a call may be once its approval is so; a plan that was sent back has its call rejected."""


def check_approvals(store: MemoryStore, session: Session, events: list[Event]) -> None:
    """Each gated call has its one approval, which ended at most once, in time, and as its one fact tells it."""
    key = session.key
    approvals = {call_id: approval for (owner, call_id), approval in store.approvals.items() if owner == key}
    asked = {call.call_id: call for event in events if event.message for call in event.message.tool_calls}
    assert set(approvals) == {call.call_id for call in asked.values() if call.is_gated}
    facts = _facts(events)
    decisions = _decisions(store, key)
    for call_id, approval in approvals.items():
        _check_request(approval, asked[call_id], facts.get((ApprovalRequested, call_id), []))
        told: dict[type, list[Event]] = {kind: facts.get((kind, call_id), []) for kind in DECISION_FACTS.values()}
        _check_end(approval, told, decisions.get(call_id, []))
        _check_call(store, key, approval)
    assert len({event.fact.call_id for event in events if isinstance(event.fact, ApprovalRequested)}) == len(approvals)


def check_results(store: MemoryStore, key: SessionKey, ran: dict[CallId, str]) -> None:
    """What a client ran is what was asked for or, edited, exactly what the person put in its place."""
    asked = {call.call_id: call for event in store.events[key] if event.message for call in event.message.tool_calls}
    for call_id, sha256 in ran.items():
        approval = store.approvals.get((key, call_id))
        assert approval is None or approval.status in {ApprovalStatus.APPROVED, ApprovalStatus.EDITED}
        edited = approval.modified_arguments if approval else None
        assert sha256 == arguments_hash(asked[call_id].arguments if edited is None else edited)


def _facts(events: list[Event]) -> dict[tuple[type, CallId], list[Event]]:
    found: dict[tuple[type, CallId], list[Event]] = {}
    for event in events:
        if event.fact.category is Category.APPROVAL:
            found.setdefault((type(event.fact), CallId(event.fact.model_dump()["call_id"])), []).append(event)
    return found


def _decisions(store: MemoryStore, key: SessionKey) -> dict[CallId, list[Decision]]:
    found: dict[CallId, list[Decision]] = {}
    for commit in store.commits:
        for decision in commit.decided if commit.after.key == key else ():
            found.setdefault(decision.call_id, []).append(decision)
    return found


def _check_request(approval: Approval, call: ToolCall, told: list[Event]) -> None:
    (event,) = told
    assert isinstance(event.fact, ApprovalRequested)
    assert approval.arguments == call.arguments
    assert event.fact.arguments_sha256 == arguments_hash(call.arguments)
    assert event.fact.expires_at == approval.expires_at
    assert event.occurred_at == approval.created_at < approval.expires_at


def _check_end(approval: Approval, told: dict[type, list[Event]], decisions: list[Decision]) -> None:
    counts = Counter({kind: len(found) for kind, found in told.items() if found})
    if approval.status is ApprovalStatus.PENDING:
        assert (counts, decisions, approval.decided_at) == (Counter(), [], None)
        return
    assert counts == {DECISION_FACTS[approval.status]: 1}
    assert [decision.status for decision in decisions] == [approval.status]
    (event,) = told[DECISION_FACTS[approval.status]]
    at = event.occurred_at
    assert at == approval.decided_at
    is_late = at >= approval.expires_at
    assert approval.status is ApprovalStatus.CANCELLED or is_late == (approval.status is ApprovalStatus.EXPIRED)
    if isinstance(event.fact, PERSONS_WORD):
        assert event.fact.arguments_sha256 == approval.arguments_sha256
        assert event.fact.decided_by == event.key.user
    modified = approval.modified_arguments
    is_edited_tool = approval.status is ApprovalStatus.EDITED and approval.request_type is RequestType.TOOL
    assert (modified is not None) == is_edited_tool
    if isinstance(event.fact, ApprovalEdited):
        assert event.fact.modified_sha256 == (None if modified is None else arguments_hash(modified))


def _check_call(store: MemoryStore, key: SessionKey, approval: Approval) -> None:
    call = store.calls[key, approval.call_id]
    is_plan_sent_back = approval.status is ApprovalStatus.EDITED and approval.request_type is RequestType.PLAN
    assert call.status in ({CallStatus.REJECTED} if is_plan_sent_back else RAN_OR_WILL[approval.status])
    assert call.edited == approval.modified_arguments
