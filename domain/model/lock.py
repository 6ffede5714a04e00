"""The session lock: who holds it, under which number, until when."""

from datetime import datetime

from domain.model.session import Session
from domain.model.value import SessionKey, Value

LEASE_SECONDS = 2.5
"""A dead worker's session is free again after this long; it outlives two renewals that fail."""
RENEWAL_SECONDS = 0.8
COVER_SECONDS = 2
"""Queue visibility while a worker lives: whole seconds, fewer than a lease has, so a successor starts meanwhile."""
OVERDUE_SECONDS = LEASE_SECONDS - 2 * RENEWAL_SECONDS
"""With less than this left of its lease, a holder has missed two renewals: most likely it is dead."""


class Holder(Value):
    """A taker of the lock.

    Attributes:
        name: Unique per invocation.
        cover: Id of the queue message that brings the turn back if the holder dies; empty when none does.
        receipt: Names this delivery of that message.
    """

    name: str
    cover: str
    receipt: str


class Lease(Value):
    """A lock as taken.

    Attributes:
        fence: The number every write of this holder must carry.
        session: The session as it was at that moment.
        until: UTC time at which others may take it, unless renewed.
        lost_fence: Number of a former holder whose lease ran out unreleased; None when the lock was free.
    """

    key: SessionKey
    holder: Holder
    fence: int
    session: Session
    until: datetime
    lost_fence: int | None = None


class NothingOwed(Exception):  # noqa: N818  # tells how things stand, no error was made
    """No turn is owed to anybody."""


class HeldByOther(Exception):  # noqa: N818  # same
    """A lease still runs.

    Attributes:
        cover: The queue message behind the holder; empty when there is none.
        seconds_left: Until the lease ends, > 0.
    """

    def __init__(self, *, cover: str, seconds_left: float) -> None:
        self.cover = cover
        self.seconds_left = seconds_left
