"""The session lock, in the head: one conditional update locks, authorises and loads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.connection import Connection
from pynamodb.exceptions import VerboseClientError

from domain.model.errors import (
    LockAcquisitionTimeoutError,
    LostFence,
    LostRace,
    SessionNotFound,
    StorageUnavailable,
)
from domain.model.lock import LEASE_SECONDS, HeldByOther, Holder, Lease, NothingOwed
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from domain.ports import Clock, Ids, TurnQueue
from functions.adapters.dynamodb.models import HeadItem, head_sk, user_pk
from functions.adapters.dynamodb.session_mapper import SessionMapper
from functions.adapters.errors import storage_errors
from functions.adapters.heartbeat import Heartbeat

LEASE = timedelta(seconds=LEASE_SECONDS)
CONTENTION_SECONDS = 2.0
CONTENTION_WAIT_SECONDS = 0.1
CONDITION_FAILED = "ConditionalCheckFailedException"


class DynamoSessionLockManager:
    """Locks sessions by conditional writes, so the lock holds across processes and machines.

    Contention (a transaction in progress on the same head) is repeated and never means a lost lease.
    """

    _sessions = SessionMapper()

    def __init__(self, connection: Connection, queue: TurnQueue, clock: Clock, ids: Ids) -> None:
        self._connection = connection
        self._queue = queue
        self._clock = clock
        self._ids = ids

    def acquire(self, key: SessionKey, holder: Holder, *, if_owed: bool = True) -> Lease:
        """Take the lock; the head as it was comes back with the write, accepted or refused."""
        now = self._clock.now()
        until = now + LEASE
        # The answer to a first try may have been lost, so a lock that is already this holder's is taken again.
        is_free = (
            HeadItem.lock_holder.does_not_exist()
            | (HeadItem.lock_until_ms <= _milliseconds(now))
            | (HeadItem.lock_holder == holder.name)
        )
        condition = HeadItem.last_seq.exists() & is_free
        if if_owed:
            condition &= HeadItem.turn_status == TurnStatus.RUNNING.value
        actions = [
            HeadItem.lock_fence.add(1),
            HeadItem.attempts.add(1),
            HeadItem.lock_holder.set(holder.name),
            HeadItem.lock_cover.set(holder.cover),
            HeadItem.lock_until_ms.set(_milliseconds(until)),
        ]
        try:
            old = self._update(key, actions, condition)
        except _Refused as refused:
            raise self._why(refused.head, now, if_owed=if_owed) from None
        before = self._sessions.to_entity(old)
        session = before.model_copy(update={"fence": before.fence + 1, "attempts": before.attempts + 1})
        is_taken_over = old.lock_holder is not None and old.lock_holder != holder.name
        return Lease(
            key=key,
            holder=holder,
            fence=session.fence,
            session=session,
            until=until,
            lost_fence=before.fence if is_taken_over else None,
        )

    def acquire_within(self, key: SessionKey, holder: Holder, *, timeout_seconds: float) -> Lease:
        """Try again whenever a lease should have ended, until the deadline."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            try:
                return self.acquire(key, holder, if_owed=False)
            except HeldByOther as held:
                remaining = deadline - self._clock.monotonic()
                if remaining <= 0:
                    raise LockAcquisitionTimeoutError(retry_after_seconds=1) from None
                self._clock.sleep(min(held.seconds_left + self._ids.jitter(CONTENTION_WAIT_SECONDS), remaining))

    def renew(self, lease: Lease) -> None:
        """Set the end of the lease anew, while holder and fence are unchanged."""
        until = _milliseconds(self._clock.now() + LEASE)
        try:
            self._update(lease.key, [HeadItem.lock_until_ms.set(until)], _is_mine(lease))
        except _Refused:
            raise LostFence from None

    def release(self, lease: Lease) -> None:
        """Remove holder, cover and end, while they are ours."""
        actions = [HeadItem.lock_holder.remove(), HeadItem.lock_cover.remove(), HeadItem.lock_until_ms.remove()]
        try:
            self._update(lease.key, actions, _is_mine(lease))
        except _Refused:
            return

    @contextmanager
    def hold(self, lease: Lease) -> Iterator[None]:
        """Renew in a thread of its own while the block runs."""
        with Heartbeat(self, self._queue, lease):
            try:
                yield
            except LostFence:
                raise
            except BaseException:
                # What the block raised is told, come what may: a lease that cannot be given back runs out.
                with suppress(StorageUnavailable, LostRace):
                    self.release(lease)
                raise

    def _update(self, key: SessionKey, actions: list[Any], condition: Any) -> HeadItem:
        """Return the head as it was before the update.

        Raises:
            _Refused: the condition did not hold; with the head as it is, None when there is none.
        """
        arguments = HeadItem(user_pk(key.user), head_sk(key.session_id)).get_update_kwargs_from_instance(
            actions, condition, return_values_on_condition_failure="ALL_OLD"
        )
        answer = self._despite_contention(
            lambda: self._connection.dispatch("UpdateItem", arguments | {"ReturnValues": "ALL_OLD"})
        )
        return HeadItem.from_raw_data(answer["Attributes"])

    def _despite_contention(self, operation: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        deadline = self._clock.monotonic() + CONTENTION_SECONDS
        while True:
            try:
                with storage_errors():
                    return _refusals_raised(operation)
            except LostRace:
                if self._clock.monotonic() >= deadline:
                    raise
            self._clock.sleep(self._ids.jitter(CONTENTION_WAIT_SECONDS))

    def _why(self, head: HeadItem | None, now: datetime, *, if_owed: bool) -> Exception:
        if head is None:
            return SessionNotFound()
        if if_owed and not self._sessions.to_entity(head).is_turn_owed:
            return NothingOwed()
        ends = datetime.fromtimestamp(int(head.lock_until_ms or 0) / 1000, UTC)
        return HeldByOther(cover=head.lock_cover or "", seconds_left=max((ends - now).total_seconds(), 0.001))


class _Refused(Exception):  # noqa: N818  # not an error: the condition's answer
    def __init__(self, head: HeadItem | None) -> None:
        self.head = head


def _refusals_raised(operation: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return operation()
    except VerboseClientError as error:
        if error.response["Error"]["Code"] != CONDITION_FAILED:
            raise
        # PynamoDB drops the item that came with the refusal; botocore's own error still has it.
        original = error.__cause__
        item: Any = original.response.get("Item") if isinstance(original, ClientError) else None
        raise _Refused(HeadItem.from_raw_data(item) if item else None) from None


def _is_mine(lease: Lease) -> Any:
    return (HeadItem.lock_fence == lease.fence) & (HeadItem.lock_holder == lease.holder.name)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
