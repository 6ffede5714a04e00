"""What the domain needs to keep sessions: heads, approvals, lists of sessions, logs, large content."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.model.approval import Approval
from domain.model.change import Commit, Loaded
from domain.model.idempotency import ReceiptKey
from domain.model.log import Event, LogPage
from domain.model.plan import Plan
from domain.model.session import Session, SummaryPage
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
