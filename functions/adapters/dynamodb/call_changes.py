"""What a commit does to calls and approvals that are there already: one conditional update each."""

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from domain.model.approval import ApprovalStatus
from domain.model.change import CallClosing, CallGrant, Commit, Decision
from domain.model.message import FINAL, CallStatus
from domain.model.value import CallId, SessionKey
from functions.adapters.dynamodb.models import ApprovalItem, CallItem, approval_sk, call_sk, session_pk

FINAL_STATUSES = tuple(sorted(status.value for status in FINAL))


def change_calls(transaction: TransactWrite, commit: Commit) -> None:
    """Add the updates of a commit's granted and closed calls and decided approvals to its transaction."""
    key = commit.after.key
    for grant in commit.granted:
        _grant(transaction, key, grant)
    for closing in commit.closed:
        _close(transaction, key, closing)
    for decision in commit.decided:
        _decide(transaction, key, decision)


def _grant(transaction: TransactWrite, key: SessionKey, grant: CallGrant) -> None:
    actions: list[Action] = [CallItem.status.set(CallStatus.APPROVED.value)]
    if grant.edited is not None:
        actions.append(CallItem.edited.set(grant.edited))
    is_awaiting = CallItem.status == CallStatus.AWAITING_APPROVAL.value
    transaction.update(_call(key, grant.call_id), actions=actions, condition=is_awaiting)


def _close(transaction: TransactWrite, key: SessionKey, closing: CallClosing) -> None:
    is_open = CallItem.status.exists() & ~CallItem.status.is_in(*FINAL_STATUSES)
    transaction.update(
        _call(key, closing.call_id), actions=[CallItem.status.set(closing.status.value)], condition=is_open
    )


def _decide(transaction: TransactWrite, key: SessionKey, decision: Decision) -> None:
    actions: list[Action] = [
        ApprovalItem.status.set(decision.status.value),
        ApprovalItem.decided_at.set(decision.at),
    ]
    if decision.feedback is not None:
        actions.append(ApprovalItem.feedback.set(decision.feedback))
    if decision.modified_arguments is not None:
        actions.append(ApprovalItem.modified_arguments.set(decision.modified_arguments))
    is_pending = ApprovalItem.status == ApprovalStatus.PENDING.value
    item = ApprovalItem(session_pk(key), approval_sk(decision.call_id))
    transaction.update(item, actions=actions, condition=is_pending)


def _call(key: SessionKey, call_id: CallId) -> CallItem:
    return CallItem(session_pk(key), call_sk(call_id))
