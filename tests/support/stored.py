"""What a table holds of its sessions, read in one request, as memory would hold it: for the same invariants."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.model.change import Commit, Decision
from domain.model.events.base import Category
from domain.model.lock import Holder
from domain.model.log import Event
from domain.model.value import CallId
from functions.adapters.dynamodb.approval_mapper import ApprovalMapper
from functions.adapters.dynamodb.approval_repository import shown_arguments
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.message_mapper import CallMapper
from functions.adapters.dynamodb.models import (
    ApprovalItem,
    CallItem,
    CommitItem,
    HeadItem,
    Item,
    PlanItem,
    ReceiptItem,
    SettingsItem,
    session_key,
)
from functions.adapters.dynamodb.plan_mapper import PlanMapper
from functions.adapters.dynamodb.session_mapper import SessionMapper
from functions.adapters.dynamodb.settings_mapper import SettingsMapper
from tests.support.approval_invariants import DECISION_FACTS
from tests.support.fakes import FakeClock, MemoryContents
from tests.support.memory_store import MemoryStore

T = TypeVar("T", bound=Item)
RawItem = dict[str, Any]
Raw = dict[tuple[str, str], RawItem]
"""Items by their keys, as DynamoDB spells them."""
_KINDS: dict[str, type[Item]] = {
    kind: model
    for model in (HeadItem, CommitItem, CallItem, ApprovalItem, PlanItem, ReceiptItem, SettingsItem)
    if (kind := model.kind.get_discriminator(model))
}
_STATUS_OF = {fact: status for status, fact in DECISION_FACTS.items()}


def scan(client: Any, table: str) -> Raw:
    """Return every item of a table."""
    found: Raw = {}
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        found |= {(item["PK"]["S"], item["SK"]["S"]): item for item in page["Items"]}
    return found


def put_back(client: Any, table: str, *, now: Raw, then: Raw) -> None:
    """Let a table that holds `now` hold `then`."""
    requests: list[RawItem] = [{"PutRequest": {"Item": item}} for key, item in then.items() if now.get(key) != item]
    requests += [{"DeleteRequest": {"Key": {"PK": now[key]["PK"], "SK": now[key]["SK"]}}} for key in now.keys() - then]
    for start in range(0, len(requests), 25):
        answer = client.batch_write_item(RequestItems={table: requests[start : start + 25]})
        assert not answer["UnprocessedItems"]


def stored(raw: Raw) -> MemoryStore:
    """Return sessions, logs, calls, approvals, plans and locks as `raw` has them; an item of no known kind fails."""
    store = MemoryStore(FakeClock(), MemoryContents())
    items = [_item(raw[key]) for key in sorted(raw)]
    for head in _of(items, HeadItem):
        session = SessionMapper().to_entity(head)
        store.heads[session.key] = session
        store.events[session.key] = []
        if head.lock_holder is not None:
            until = datetime.fromtimestamp(int(head.lock_until_ms or 0) / 1000, UTC)
            store.locks[session.key] = Holder(name=head.lock_holder, cover=head.lock_cover or "", receipt=""), until
    commits = list(_of(items, CommitItem))
    for commit in commits:
        _add_commit(store, tuple(LogMapper().to_entity(commit)))
    for call in _of(items, CallItem):
        key = session_key(call.pk)
        found = CallMapper(key).to_entity(call)
        store.calls[key, found.call_id] = found
    for plan in _of(items, PlanItem):
        key = session_key(plan.pk)
        store.plans[key] = PlanMapper(key).to_entity(plan)
    for settings in _of(items, SettingsItem):
        key = session_key(settings.pk)
        store.settings_of[key] = SettingsMapper(key).to_entity(settings)
    for approval in _of(items, ApprovalItem):
        key = session_key(approval.pk)
        own = [commit for commit in commits if commit.pk == approval.pk]
        asked = ApprovalMapper(key, shown_arguments(own)).to_entity(approval)
        store.approvals[key, asked.call_id] = asked
    return store


def commits_in(raw: Raw) -> Iterator[tuple[tuple[str, str], RawItem]]:
    """Yield the commits of a table with their keys, each session's in order."""
    for key in sorted(raw):
        if raw[key]["k"]["S"] == CommitItem.kind.get_discriminator(CommitItem):
            yield key, raw[key]


def _item(raw: Mapping[str, Any]) -> Item:
    return _KINDS[raw["k"]["S"]].from_raw_data(dict(raw))


def _of(items: Iterable[Item], kind: type[T]) -> Iterator[T]:
    return (item for item in items if isinstance(item, kind))


def _add_commit(store: MemoryStore, events: tuple[Event, ...]) -> None:
    key = events[-1].key
    store.events[key] += events
    after = store.heads[key].model_copy(update={"last_seq": events[-1].seq})
    store.commits.append(Commit(before=None, after=after, events=events, decided=tuple(_decisions(events))))


def _decisions(events: Iterable[Event]) -> Iterator[Decision]:
    for event in events:
        status = _STATUS_OF.get(type(event.fact))
        if event.fact.category is Category.APPROVAL and status:
            call_id = CallId(event.fact.model_dump()["call_id"])
            yield Decision(call_id=call_id, status=status, at=event.occurred_at)
