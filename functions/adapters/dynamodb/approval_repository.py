"""A session's approvals: one Query for them, one BatchGet for what they show, which the log has."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from domain.model.approval import Approval, ApprovalStatus
from domain.model.value import CallId, JsonObject, SessionKey
from domain.ports import SessionRepository
from functions.adapters.dynamodb.approval_mapper import ApprovalMapper, approved_call_of
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import (
    APPROVAL_PREFIX,
    ApprovalItem,
    CommitItem,
    Item,
    approval_sk,
    log_sk,
    seq_of,
    session_key,
    session_pk,
)
from functions.adapters.errors import storage_errors


class DynamoApprovalRepository:
    """Reads approvals, strongly consistent."""

    def __init__(self, sessions: SessionRepository) -> None:
        self._sessions = sessions

    def newest(self, key: SessionKey, *, limit: int) -> Sequence[Approval]:
        """Query backwards, then fetch the commits that asked for the calls."""
        with storage_errors():
            query = ApprovalItem.query(
                session_pk(key),
                Item.sk.startswith(APPROVAL_PREFIX),
                consistent_read=True,
                scan_index_forward=False,
                page_size=limit,
            )
            items = list(islice(query, limit))
            if not items:
                # There is nothing, or no such session.
                self._sessions.get(key)
                return ()
            commits = {(session_pk(key), log_sk(seq_of(item.sk))) for item in items}
            found = [item for item in Item.batch_get(list(commits), consistent_read=True) if type(item) is CommitItem]
        mapper = ApprovalMapper(key, shown_arguments(found))
        return tuple(mapper.to_entity(item) for item in reversed(items))

    def overdue(self, now: datetime) -> Iterator[tuple[SessionKey, CallId]]:
        """Scan; only keys come back."""
        is_pending = ApprovalItem.status == ApprovalStatus.PENDING.value
        with storage_errors():
            found = ApprovalItem.scan(
                filter_condition=is_pending & (ApprovalItem.expires_at <= now),
                attributes_to_get=["PK", "SK", "k"],
            )
            for item in found:
                yield session_key(item.pk), approved_call_of(item.sk)


def shown_arguments(commits: Iterable[CommitItem]) -> dict[CallId, JsonObject]:
    """Return the arguments of every call that `commits` ask for, as the model gave them."""
    events = (event for commit in commits for event in LogMapper().to_entity(commit))
    calls = (call for event in events if event.message for call in event.message.tool_calls)
    return {call.call_id: call.arguments for call in calls}


def approval_in(items: Iterable[Item], key: SessionKey, call_id: CallId) -> Approval | None:
    """Return the approval of `call_id` among items that hold it together with the commit that asked for the call."""
    found = list(items)
    stored = next((item for item in found if isinstance(item, ApprovalItem)), None)
    if stored is None or stored.sk != approval_sk(call_id):
        return None
    arguments = shown_arguments(item for item in found if isinstance(item, CommitItem))
    return ApprovalMapper(key, arguments).to_entity(stored)
