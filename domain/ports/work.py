"""What the domain needs so that work is done once and goes out: the lock, the queues behind it, the bus."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from domain.model.lock import Holder, Lease
from domain.model.log import CommitKey, Event
from domain.model.value import SessionKey


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
        """Hide the delivery `receipt` for `seconds`, a whole number, from now; one request.

        From its delivery on it can be hidden for 43200 s in all, and not again after that.
        """
        ...


class TurnQueue(Deliveries, Protocol):
    """The queue whose messages bring turns back when workers die."""


class ExpiryQueue(Deliveries, Protocol):
    """The queue whose messages come when an approval's time is over."""


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
