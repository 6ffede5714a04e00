"""Heads and the one atomic write."""

from typing import Any

from pynamodb.connection import Connection
from pynamodb.exceptions import CancellationReason, DoesNotExist, TransactWriteError
from pynamodb.transactions import TransactWrite

from domain.model.change import Commit, Loaded
from domain.model.errors import AlreadyDone, LostFence, LostRace, SessionAlreadyExists, SessionNotFound, Throttled
from domain.model.idempotency import Receipt, ReceiptKey
from domain.model.plan import Plan
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, ContentStore
from domain.services.open_plan import open_plan
from functions.adapters.dynamodb.approval_mapper import ApprovalMapper
from functions.adapters.dynamodb.approval_repository import approval_in
from functions.adapters.dynamodb.call_changes import change_calls
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.message_mapper import CallMapper
from functions.adapters.dynamodb.models import (
    PLAN_SK,
    SETTINGS_SK,
    CallItem,
    HeadItem,
    Item,
    PlanItem,
    ReceiptItem,
    SettingsItem,
    approval_sk,
    call_sk,
    head_sk,
    log_sk,
    receipt_sk,
    seq_of,
    session_pk,
    user_pk,
)
from functions.adapters.dynamodb.plan_mapper import PlanMapper
from functions.adapters.dynamodb.receipt_mapper import ReceiptMapper
from functions.adapters.dynamodb.session_mapper import SessionMapper
from functions.adapters.dynamodb.settings_mapper import SettingsMapper
from functions.adapters.errors import CONTENTION, THROTTLING, storage_errors

CONDITION_FAILED = "ConditionalCheckFailed"


class DynamoSessionRepository:
    """Sessions in the one table; every commit is one `TransactWriteItems`."""

    _sessions = SessionMapper()
    _log = LogMapper()
    _receipts = ReceiptMapper()

    def __init__(self, connection: Connection, contents: ContentStore, clock: Clock) -> None:
        self._connection = connection
        self._contents = contents
        self._clock = clock

    def get(self, key: SessionKey) -> Session:
        """Read the head consistently."""
        with storage_errors():
            try:
                head = HeadItem.get(user_pk(key.user), head_sk(key.session_id), consistent_read=True)
            except DoesNotExist:
                raise SessionNotFound from None
        return self._sessions.to_entity(head)

    def load(
        self,
        key: SessionKey,
        *,
        call_id: CallId | None = None,
        receipt_key: ReceiptKey | None = None,
        with_approval: bool = False,
    ) -> Loaded:
        """Read all together, each consistently, though not at one instant: the commit's conditions decide.

        The plan is read behind the head, never with it: one read first could be older than the head that guards it.
        """
        beside = _keys_of_call(call_id, with_approval=with_approval) if call_id else []
        beside += [receipt_sk(receipt_key)] if receipt_key else []
        if not beside:
            session = self.get(key)
            return Loaded(session=session, plan=open_plan(self, session))
        keys = [(user_pk(key.user), head_sk(key.session_id)), *((session_pk(key), sk) for sk in beside)]
        with storage_errors():
            items = {type(item): item for item in Item.batch_get(keys, consistent_read=True)}
        head, call, receipt = items.get(HeadItem), items.get(CallItem), items.get(ReceiptItem)
        if not isinstance(head, HeadItem):
            raise SessionNotFound
        session = self._sessions.to_entity(head)
        return Loaded(
            session=session,
            plan=open_plan(self, session),
            call=CallMapper(key).to_entity(call) if isinstance(call, CallItem) else None,
            approval=approval_in(items.values(), key, call_id) if call_id else None,
            receipt=self._honoured(receipt),
        )

    def plan(self, key: SessionKey) -> Plan | None:
        """Read the plan consistently."""
        with storage_errors():
            try:
                item = PlanItem.get(session_pk(key), PLAN_SK, consistent_read=True)
            except DoesNotExist:
                return None
        return PlanMapper(key).to_entity(item)

    def _honoured(self, item: Item | None) -> Receipt | None:
        """Return a receipt that has not expired; TTL deletes late, so an expired one may still be there."""
        receipt = self._receipts.to_entity(item) if isinstance(item, ReceiptItem) else None
        return receipt if receipt and receipt.expires_at > self._clock.now() else None

    def settings(self, key: SessionKey) -> SessionSettings:
        """Read the one item consistently."""
        with storage_errors():
            try:
                item = SettingsItem.get(session_pk(key), SETTINGS_SK, consistent_read=True)
            except DoesNotExist:
                return SessionSettings()
        return SettingsMapper(key).to_entity(item)

    def commit(self, commit: Commit) -> None:
        """Write head, log entry and calls in one transaction; large content goes to the content store first.

        Content is stored under its hash, so a write that is lost or repeated leaves nothing wrong behind.
        """
        key = commit.after.key
        for event in commit.events:
            if event.message and event.message.stored_sha256:
                self._contents.put(key, event.message.stored_sha256, event.message.content)
        with storage_errors():
            try:
                self._write(commit)
            except TransactWriteError as error:
                self._explain(error, commit)
                raise

    def _write(self, commit: Commit) -> None:
        calls = CallMapper(commit.after.key)
        with TransactWrite(connection=self._connection) as transaction:
            # PynamoDB sends saves before updates, whatever the order here.
            if commit.before is None:
                transaction.save(self._sessions.to_model(commit.after), condition=Item.pk.does_not_exist())
            if commit.events:
                transaction.save(self._log.to_model(commit.events), condition=Item.pk.does_not_exist())
            for call in commit.opened:
                transaction.save(calls.to_model(call))
            if commit.plan:
                transaction.save(PlanMapper(commit.after.key).to_model(commit.plan))
            # Settings that are empty replace those there are, and are never read: the head says so.
            if commit.settings and (not commit.settings.is_empty or (commit.before and commit.before.has_settings)):
                transaction.save(SettingsMapper(commit.after.key).to_model(commit.settings))
            for approval in commit.requested:
                transaction.save(ApprovalMapper(commit.after.key, {}).to_model(approval))
            if commit.receipt:
                self._save_receipt(transaction, commit, commit.receipt)
            if commit.before is not None:
                self._change_head(transaction, commit, commit.before)
            change_calls(transaction, commit)

    def _change_head(self, transaction: TransactWrite, commit: Commit, before: Session) -> None:
        is_as_read = _is_as_read(before, commit.fence)
        if not commit.events:
            head = user_pk(before.key.user), head_sk(before.key.session_id)
            transaction.condition_check(HeadItem, *head, condition=is_as_read)
            return
        transaction.update(
            _head(before.key),
            actions=self._head_actions(commit, before),
            condition=is_as_read,
            return_values="ALL_OLD",
        )

    def _save_receipt(self, transaction: TransactWrite, commit: Commit, receipt: Receipt) -> None:
        item = self._receipts.to_model(receipt)
        # A command that creates its session is one of the user's; every other one of its session's.
        item.pk = user_pk(commit.after.key.user) if commit.before is None else session_pk(commit.after.key)
        is_unused = Item.pk.does_not_exist()
        has_expired = ReceiptItem.expires_at_seconds <= int(self._clock.now().timestamp())
        transaction.save(item, condition=is_unused | has_expired, return_values="ALL_OLD")

    def _head_actions(self, commit: Commit, before: Session) -> list:  # type: ignore[type-arg]  # PynamoDB's actions are not generic
        actions = self._sessions.changes(before, commit.after)
        if commit.releases_lock or commit.breaks_lock:
            actions += [HeadItem.lock_holder.remove(), HeadItem.lock_cover.remove(), HeadItem.lock_until_ms.remove()]
        if commit.breaks_lock:
            actions.append(HeadItem.lock_fence.add(1))
        return actions

    def _explain(self, error: TransactWriteError, commit: Commit) -> None:
        """Raise what the cancellation means; return when it was none."""
        reasons = [reason for reason in error.cancellation_reasons if reason]
        if any(reason.code in CONTENTION for reason in reasons):
            raise LostRace from error
        if any(reason.code in THROTTLING for reason in reasons):
            raise Throttled from error
        failed = [reason for reason in reasons if reason.code == CONDITION_FAILED]
        if not failed:
            return
        if receipt := _receipt_in(failed):
            raise AlreadyDone(self._receipts.to_entity(receipt)) from error
        if commit.before is None:
            raise SessionAlreadyExists from error
        if commit.fence is not None and any(_holds_other_fence(reason, commit.fence) for reason in failed):
            raise LostFence from error
        raise LostRace from error


def _keys_of_call(call_id: CallId, *, with_approval: bool) -> list[str]:
    """Return where a call lies, and with its approval what that consists of; nothing when the id is none of ours."""
    call = call_sk(call_id)
    if call is None:
        return []
    return [call, str(approval_sk(call_id)), log_sk(seq_of(call))] if with_approval else [call]


def _head(key: SessionKey) -> HeadItem:
    return HeadItem(user_pk(key.user), head_sk(key.session_id))


def _is_as_read(before: Session, fence: int | None) -> Any:
    # Every change of state adds a fact, so an unchanged last number means an unchanged session.
    is_unchanged = HeadItem.last_seq == before.last_seq
    # A session erased and made anew under the same id may have come to the same number.
    is_same_session = HeadItem.incarnation == before.incarnation
    condition = is_unchanged & is_same_session
    return condition if fence is None else condition & (HeadItem.lock_fence == fence)


def _holds_other_fence(reason: CancellationReason, fence: int) -> bool:
    """Return whether the head came back with the refusal and is under another fence."""
    head = reason.raw_item or {}
    return HeadItem.lock_fence.attr_name in head and int(head[HeadItem.lock_fence.attr_name]["N"]) != fence


def _receipt_in(failed: list[CancellationReason]) -> ReceiptItem | None:
    """Return the receipt that came back with the refusal; it was there first."""
    kind = Item.kind.attr_name
    items = (reason.raw_item for reason in failed if reason.raw_item)
    found = next((item for item in items if item.get(kind) == {"S": "receipt"}), None)
    return ReceiptItem.from_raw_data(found) if found else None
