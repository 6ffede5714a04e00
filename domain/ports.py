"""What the domain needs from outside."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from domain.model.agent import AgentType
from domain.model.approval import Approval
from domain.model.change import Commit, Loaded
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed
from domain.model.idempotency import ReceiptKey
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import Holder, Lease
from domain.model.log import CommitKey, Event, LogPage
from domain.model.plan import Plan
from domain.model.session import Session, SummaryPage, TurnErrorCode
from domain.model.settings import SessionSettings
from domain.model.value import CallId, SessionId, SessionKey, UserId


class SessionRepository(Protocol):
    """Heads of sessions, and the one atomic write."""

    def get(self, key: SessionKey) -> Session:
        """Return the session as of every answered write; one request.

        Raises:
            SessionNotFound: no such session of this owner.
        """
        ...

    def load(
        self,
        key: SessionKey,
        *,
        call_id: CallId | None = None,
        receipt_key: ReceiptKey | None = None,
        with_approval: bool = False,
    ) -> Loaded:
        """Return the session with what a command needs beside it; one request, one more while its plan is open.

        Raises:
            SessionNotFound: no such session of this owner.
        """
        ...

    def plan(self, key: SessionKey) -> Plan | None:
        """Return the session's newest plan as of every answered write, None when it has none; one request.

        Read it after the head: then a commit made with both is refused when the plan has changed in between.
        """
        ...

    def settings(self, key: SessionKey) -> SessionSettings:
        """Return what the client set for the session as of every answered write, empty when nothing; one request."""
        ...

    def commit(self, commit: Commit) -> None:
        """Write head, log entry, calls, plan and settings together or not at all; one request.

        Raises:
            LostRace: the session is no longer as `commit.before` shows it.
            LostFence: `commit.fence` is set and no longer the session's.
            AlreadyDone: `commit.receipt` names a command that was carried out before.
            SessionAlreadyExists: `commit.before` is None and the id is taken.
            StorageUnavailable: the store did not answer; whether it wrote is unknown.
        """
        ...


class ApprovalRepository(Protocol):
    """What people were and are asked in a session."""

    def newest(self, key: SessionKey, *, limit: int) -> Sequence[Approval]:
        """Return up to `limit` of the newest approvals, oldest first; two requests.

        Raises:
            SessionNotFound: no such session of this owner.
        """
        ...

    def overdue(self, now: datetime) -> Iterator[tuple[SessionKey, CallId]]:
        """Yield session and call of every approval, of whatever user, that is pending though its time is over at `now`.

        Reads the whole store, one request per MB, and may miss what was written moments ago.
        """
        ...


class SessionDirectory(Protocol):
    """A user's sessions."""

    def newest(
        self, user: UserId, *, after: tuple[datetime, SessionId] | None, limit: int, include_inactive: bool
    ) -> SummaryPage:
        """Return up to `limit` sessions, newest activity first; one request when none is passed over.

        Args:
            user: Whose.
            after: Activity and id of the session that a page ended with; None begins with the newest.
            limit: At least 1.
            include_inactive: Tell deactivated ones, too.
        """
        ...


class LogRepository(Protocol):
    """The log of a session: every fact and message in order."""

    def page(self, key: SessionKey, *, after: int, limit: int, messages_only: bool = False) -> LogPage:
        """Return up to `limit` events with numbers above `after`, oldest first; one request for a session that exists.

        Calls inside messages carry the status they have now. With `messages_only`, other facts are passed over.

        Raises:
            SessionNotFound: no such session of this owner.
        """
        ...

    def recent(self, key: SessionKey, *, turn: int) -> Sequence[Event]:
        """Return the newest events up to `turn`, oldest first, content whole; those of later turns are passed over.

        The user message of `turn` and all that followed it are always there, and before it as much as the same
        requests bring: one (1 MB of log) unless results or queued messages are large.
        """
        ...


class SessionLockManager(Protocol):
    """Exclusive right to write a session's turn, across processes, with a lease and a fence."""

    def acquire(self, key: SessionKey, holder: Holder, *, if_owed: bool = True) -> Lease:
        """Take the session and load it; one request.

        Succeeds when the lock is free, expired or already this holder's and, with `if_owed`, a turn is owed; adds 1
        to the fence and to `attempts` in the same write.

        Raises:
            SessionNotFound: no such session of this owner.
            NothingOwed: no turn is owed.
            HeldByOther: a lease still runs.

        Source:
            Fencing tokens: Kleppmann, "How to do distributed locking", 2016.
        """
        ...

    def acquire_within(self, key: SessionKey, holder: Holder, *, timeout_seconds: float) -> Lease:
        """Take the session whether or not a turn is owed, waiting for a running lease to end.

        Raises:
            SessionNotFound: no such session of this owner.
            LockAcquisitionTimeoutError: not free within `timeout_seconds`.
        """
        ...

    def renew(self, lease: Lease) -> None:
        """Lengthen the lease from now; one request.

        Raises:
            LostFence: somebody else took the session.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give the session back if it is still ours; losing it meanwhile is no error."""
        ...

    def hold(self, lease: Lease) -> AbstractContextManager[None]:
        """Keep the lease alive while the block runs, and with it the queue message that covers the holder.

        The message is hidden further only after the lease was renewed, so a holder that lost its lease is replaced.
        A block that raises gives the session back.
        """
        ...


class Deliveries(Protocol):
    """A queue of which messages were delivered to this process."""

    def extend(self, receipt: str, seconds: int) -> None:
        """Hide the delivery `receipt` for `seconds` (0 to 43200, whole) from now; one request."""
        ...


class TurnQueue(Deliveries, Protocol):
    """The queue whose messages bring turns back when workers die."""


class ExpiryQueue(Deliveries, Protocol):
    """The queue whose messages come when an approval's time is over."""


class ModelClient(Protocol):
    """A language model.

    Attributes:
        name: Of the model, as facts and prices know it.
    """

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the model's answer; one attempt.

        Raises:
            ModelFailure: no answer; says whether another attempt can succeed.
        """
        ...


class EventPublisher(Protocol):
    """The bus that the world listens to."""

    def publish(self, events: Sequence[Event]) -> Sequence[Event]:
        """Put events on the bus in order and return those it did not take, in the same order."""
        ...


class ParkedCommits(Protocol):
    """Where commits wait that the bus did not take."""

    def park(self, commits: Sequence[CommitKey]) -> None:
        """Remember commits by key, so that they can be read again from the log and published."""
        ...


class ContentStore(Protocol):
    """Content too large for an item, kept under the hash of its UTF-8 bytes."""

    def put(self, key: SessionKey, sha256: str, content: str) -> None:
        """Store content; storing it again changes nothing."""
        ...

    def get(self, key: SessionKey, sha256: str) -> str:
        """Return stored content whole."""
        ...

    def url(self, key: SessionKey, sha256: str) -> str:
        """Return an address from which content can be fetched for 15 minutes."""
        ...


class MetricsCollector(Protocol):
    """Figures of the service as a whole. Nothing here takes a user, a session or text; durations are in seconds."""

    def record_agent_switch(
        self, from_agent: AgentType, to_agent: AgentType, confidence: float | None, duration: float
    ) -> None:
        """Count a switch with how sure whoever decided was, if they said, and how long deciding took."""
        ...

    def record_turn(self, step: str, code: TurnErrorCode | None = None) -> None:
        """Count a step of a turn, `started` or `completed` say; with the code of one that failed."""
        ...

    def record_turn_duration(self, step: str, duration: float) -> None:
        """Take how long the step of a turn was waited for, since its work was asked for."""
        ...

    def record_model_call(self, call: LlmRequestCompleted | LlmRequestFailed) -> None:
        """Count a model call with all that it cost."""
        ...

    def record_model_circuit(self, model: str, state: str) -> None:
        """Count a change of a model's circuit, `opened` or `closed`."""
        ...

    def record_lock_taken(self, waited: float) -> None:
        """Take how long the lock was waited for."""
        ...

    def record_lock_held(self, duration: float) -> None:
        """Take how long the lock was held."""
        ...

    def record_lock_contention(self) -> None:
        """Count a taker who found the lock held."""
        ...

    def record_lock_lost(self) -> None:
        """Count a holder whose lease ran out unreleased."""
        ...

    def record_conflict(self, *, is_fenced: bool) -> None:
        """Count a refused commit: the session had changed, or was no longer the writer's."""
        ...


class StoreHealth(Protocol):
    """Whether the store answers."""

    @property
    def version(self) -> str:
        """Version of the deployed service."""
        ...

    def check(self) -> None:
        """Return when the store answers.

        Raises:
            StorageUnavailable: it does not.
        """
        ...


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """Return the time in UTC, with milliseconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for durations and deadlines."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ids(Protocol):
    """Randomness."""

    def session_id(self) -> str:
        """Return a new session id that sorts by time."""
        ...

    def incarnation(self) -> str:
        """Return 12 random characters `[a-z0-9]`."""
        ...

    def correlation_id(self) -> str:
        """Return a new correlation id, 32 hexadecimal digits."""
        ...

    def jitter(self, up_to_seconds: float) -> float:
        """Return a random number of seconds from 0 to `up_to_seconds`."""
        ...
