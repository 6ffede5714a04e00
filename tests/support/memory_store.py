"""Sessions, log and lock in memory, with the conditions of the real ones."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from domain.model.approval import Approval, ApprovalStatus
from domain.model.change import Call, Commit, Loaded
from domain.model.errors import (
    AlreadyDone,
    LockAcquisitionTimeoutError,
    LostFence,
    LostRace,
    SessionAlreadyExists,
    SessionNotFound,
)
from domain.model.idempotency import Receipt, ReceiptKey
from domain.model.lock import LEASE_SECONDS, HeldByOther, Holder, Lease, NothingOwed
from domain.model.log import Event, LogPage
from domain.model.message import FINAL, CallStatus, Message, ToolCall
from domain.model.plan import Plan
from domain.model.session import Session, SessionSummary, SummaryPage
from domain.model.settings import SessionSettings
from domain.model.value import CallId, SessionKey, UserId
from tests.support.fakes import FakeClock, MemoryContents, WorkerKilled


class MemoryStore:
    """Sessions, log and lock in memory, with the conditions of the real ones; not for threads."""

    version = "test"

    def __init__(self, clock: FakeClock, contents: MemoryContents) -> None:
        self._clock = clock
        self._contents = contents
        self.heads: dict[SessionKey, Session] = {}
        self.events: dict[SessionKey, list[Event]] = {}
        self.calls: dict[tuple[SessionKey, CallId], Call] = {}
        self.plans: dict[SessionKey, Plan] = {}
        self.settings_of: dict[SessionKey, SessionSettings] = {}
        self.approvals: dict[tuple[SessionKey, CallId], Approval] = {}
        self.receipts: dict[tuple[SessionKey | UserId, ReceiptKey], Receipt] = {}
        self.locks: dict[SessionKey, tuple[Holder, datetime]] = {}
        self.commits: list[Commit] = []
        self.holding: dict[str, Lease] = {}
        """Leases of workers that have not come to their end, by holder."""
        self.before_commit: Callable[[Commit], None] = lambda _: None

    def check(self) -> None:
        """Always healthy."""

    def get(self, key: SessionKey) -> Session:
        if key not in self.heads:
            raise SessionNotFound
        return self.heads[key]

    def settings(self, key: SessionKey) -> SessionSettings:
        return self.settings_of.get(key, SessionSettings())

    def load(
        self,
        key: SessionKey,
        *,
        call_id: CallId | None = None,
        receipt_key: ReceiptKey | None = None,
        with_approval: bool = False,
    ) -> Loaded:
        session = self.get(key)
        return Loaded(
            session=session,
            plan=self.plan(key) if session.is_plan_open else None,
            call=self.calls.get((key, call_id)) if call_id else None,
            approval=self.approvals.get((key, call_id)) if call_id and with_approval else None,
            receipt=self._receipt(key, receipt_key),
        )

    def plan(self, key: SessionKey) -> Plan | None:
        return self.plans.get(key)

    def _receipt(self, owner: SessionKey | UserId, name: ReceiptKey | None) -> Receipt | None:
        receipt = self.receipts.get((owner, name)) if name else None
        return receipt if receipt and receipt.expires_at > self._clock.now() else None

    def commit(self, commit: Commit) -> None:
        self.before_commit(commit)
        key = commit.after.key
        stored = self.heads.get(key)
        if commit.receipt and (receipt := self._receipt(_owner(commit), commit.receipt.name)):
            raise AlreadyDone(receipt)
        if commit.before is None:
            if stored:
                raise SessionAlreadyExists
        elif stored is None or (stored.last_seq, stored.incarnation) != (
            commit.before.last_seq,
            commit.before.incarnation,
        ):
            is_other = commit.fence is not None and stored is not None and stored.fence != commit.fence
            raise LostFence if is_other else LostRace
        elif commit.fence is not None and stored.fence != commit.fence:
            raise LostFence
        self._check_calls(commit)
        self._write(commit, stored)

    def _check_calls(self, commit: Commit) -> None:
        key = commit.after.key
        calls = {call_id: call.status for (owner, call_id), call in self.calls.items() if owner == key}
        are_open = all(calls.get(closing.call_id, CallStatus.DONE) not in FINAL for closing in commit.closed)
        are_gated = all(calls.get(grant.call_id) is CallStatus.AWAITING_APPROVAL for grant in commit.granted)
        approvals = (self.approvals.get((key, decision.call_id)) for decision in commit.decided)
        are_pending = all(approval and approval.status is ApprovalStatus.PENDING for approval in approvals)
        if not (are_open and are_gated and are_pending):
            raise LostRace

    def _write(self, commit: Commit, stored: Session | None) -> None:
        key = commit.after.key
        fence = (stored.fence if stored else commit.after.fence) + (1 if commit.breaks_lock else 0)
        self.heads[key] = commit.after.model_copy(update={"fence": fence, "attempts": _attempts(commit, stored)})
        for event in commit.events:
            if event.message and event.message.stored_sha256:
                self._contents.put(key, event.message.stored_sha256, event.message.content)
        self.events.setdefault(key, []).extend(commit.events)
        self._write_calls(commit)
        if commit.settings:
            self.settings_of[key] = commit.settings
        if commit.releases_lock or commit.breaks_lock:
            self.locks.pop(key, None)
        if commit.plan:
            self.plans[key] = commit.plan
        if commit.receipt:
            self.receipts[_owner(commit), commit.receipt.name] = commit.receipt
        self.commits.append(commit)

    def _write_calls(self, commit: Commit) -> None:
        key = commit.after.key
        self.calls |= {(key, call.call_id): call for call in commit.opened}
        for grant in commit.granted:
            granted = {"status": CallStatus.APPROVED, "edited": grant.edited}
            self.calls[key, grant.call_id] = self.calls[key, grant.call_id].model_copy(update=granted)
        for closing in commit.closed:
            closed = {"status": closing.status}
            self.calls[key, closing.call_id] = self.calls[key, closing.call_id].model_copy(update=closed)
        self.approvals |= {(key, approval.call_id): approval for approval in commit.requested}
        for decision in commit.decided:
            self.approvals[key, decision.call_id] = decision.applied_to(self.approvals[key, decision.call_id])

    def newest(
        self, user: UserId, *, after: tuple[datetime, str] | None, limit: int, include_inactive: bool
    ) -> SummaryPage:
        found = sorted(
            (session.last_activity_at, session.key.session_id, session)
            for key, session in self.heads.items()
            if key.user == user and (session.is_active or include_inactive)
        )
        older = [session for at, session_id, session in reversed(found) if after is None or (at, session_id) < after]
        return SummaryPage(
            sessions=tuple(
                SessionSummary(
                    key=session.key,
                    title=session.title,
                    is_active=session.is_active,
                    created_at=session.created_at,
                    last_activity_at=session.last_activity_at,
                )
                for session in older[:limit]
            ),
            has_more=len(older) > limit,
        )

    def page(self, key: SessionKey, *, after: int, limit: int, messages_only: bool = False) -> LogPage:
        self.get(key)
        events = [
            self._as_now(key, event, whole=False)
            for event in self.events[key]
            if event.seq > after and (event.message or not messages_only)
        ]
        page = events[:limit]
        return LogPage(events=tuple(page), next_after=page[-1].seq if page else after, has_more=len(events) > len(page))

    def recent(self, key: SessionKey, *, turn: int) -> Sequence[Event]:
        return [self._as_now(key, event, whole=True) for event in self.events.get(key, []) if event.turn <= turn]

    def _as_now(self, key: SessionKey, event: Event, *, whole: bool) -> Event:
        message = event.message
        if message is None:
            return event
        now = {call.call_id: self.calls.get((key, call.call_id)) for call in message.tool_calls}
        calls = tuple(_as_now(asked, now[asked.call_id]) for asked in message.tool_calls)
        content = message.content if whole else message.beginning
        updated: Message = message.model_copy(update={"tool_calls": calls, "content": content})
        return event.model_copy(update={"message": updated})

    def acquire(self, key: SessionKey, holder: Holder, *, if_owed: bool = True) -> Lease:
        session = self.get(key)
        now = self._clock.now()
        if if_owed and not session.is_turn_owed:
            raise NothingOwed
        held = self.locks.get(key)
        if held and held[0].name != holder.name and held[1] > now:
            raise HeldByOther(cover=held[0].cover, seconds_left=(held[1] - now).total_seconds())
        taken = session.model_copy(update={"fence": session.fence + 1, "attempts": session.attempts + 1})
        until = now + timedelta(seconds=LEASE_SECONDS)
        self.heads[key] = taken
        self.locks[key] = holder, until
        is_taken_over = held is not None and held[0].name != holder.name
        return Lease(
            key=key,
            holder=holder,
            fence=taken.fence,
            session=taken,
            until=until,
            lost_fence=session.fence if is_taken_over else None,
        )

    def acquire_within(self, key: SessionKey, holder: Holder, *, timeout_seconds: float) -> Lease:
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            try:
                return self.acquire(key, holder, if_owed=False)
            except HeldByOther as held:
                remaining = deadline - self._clock.monotonic()
                if remaining <= 0:
                    raise LockAcquisitionTimeoutError(retry_after_seconds=1) from None
                self._clock.sleep(min(held.seconds_left, remaining))

    def renew(self, lease: Lease) -> None:
        if not self._is_mine(lease):
            raise LostFence
        self.locks[lease.key] = lease.holder, self._clock.now() + timedelta(seconds=LEASE_SECONDS)

    def release(self, lease: Lease) -> None:
        if self._is_mine(lease):
            del self.locks[lease.key]

    def _is_mine(self, lease: Lease) -> bool:
        held, head = self.locks.get(lease.key), self.heads.get(lease.key)
        return bool(held and head and held[0].name == lease.holder.name and head.fence == lease.fence)

    @contextmanager
    def hold(self, lease: Lease) -> Iterator[None]:
        self.holding[lease.holder.name] = lease
        try:
            yield
        except (LostFence, WorkerKilled):
            raise
        except BaseException:
            self.release(lease)
            raise
        finally:
            del self.holding[lease.holder.name]


class MemoryApprovals:
    """The approvals of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def newest(self, key: SessionKey, *, limit: int) -> Sequence[Approval]:
        self._store.get(key)
        return [approval for (owner, _), approval in self._store.approvals.items() if owner == key][-limit:]

    def overdue(self, now: datetime) -> Iterator[tuple[SessionKey, CallId]]:
        for (key, call_id), approval in list(self._store.approvals.items()):
            if approval.status is ApprovalStatus.PENDING and approval.expires_at <= now:
                yield key, call_id


def _attempts(commit: Commit, stored: Session | None) -> int:
    """Return what the head counts after `commit`, which writes only what it changes."""
    before, after = commit.before, commit.after
    if before is None or stored is None:
        return after.attempts
    is_kept = after.turn.stands_as(before.turn) and before.attempts == after.attempts
    return stored.attempts if is_kept else after.attempts


def _as_now(asked: ToolCall, call: Call | None) -> ToolCall:
    return call.applied_to(asked) if call else asked


def _owner(commit: Commit) -> SessionKey | UserId:
    return commit.after.key.user if commit.before is None else commit.after.key
