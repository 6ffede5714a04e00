"""The log of a session: facts in order, each with the message it tells of."""

from datetime import datetime

from pydantic import SerializeAsAny

from domain.model.events.base import Fact
from domain.model.message import Message
from domain.model.value import EventId, SessionKey, Trace, Value


class Event(Value):
    """A fact with its place in the log.

    Attributes:
        seq: 1, 2, 3… without a gap within a session.
        turn: The turn it belongs to; 0 before the first.
        occurred_at: UTC time of its commit.
        message: The message of a `MessageAdded`, None for every other fact and for events read from the bus.
        note: What somebody said about it in their own words; it stays in the log, since the bus carries no text.
    """

    key: SessionKey
    incarnation: str
    seq: int
    turn: int
    occurred_at: datetime
    trace: Trace
    fact: SerializeAsAny[Fact]
    message: Message | None = None
    note: str | None = None

    @property
    def event_id(self) -> EventId:
        """Unique among all sessions that ever were."""
        return EventId(f"{self.incarnation}:{self.seq}")

    @property
    def effect_trace(self) -> Trace:
        """Trace of what this event causes."""
        return Trace(correlation_id=self.trace.correlation_id, causation_id=self.event_id)


class CommitKey(Value):
    """Names a commit in the log.

    Attributes:
        last_seq: Number of its last fact.
    """

    key: SessionKey
    last_seq: int


class LogPage(Value):
    """A piece of the log.

    Attributes:
        events: In order of `seq`.
        next_after: What to ask for next; the number asked with when nothing came.
        has_more: Whether there is more now.
    """

    events: tuple[Event, ...]
    next_after: int
    has_more: bool
