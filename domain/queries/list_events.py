"""Follow a session."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from domain.cqrs import Answer, OfSession, Query
from domain.model.errors import StorageUnavailable
from domain.model.events.base import Category
from domain.model.log import Event, LogPage
from domain.model.value import JsonObject
from domain.ports import Clock, ContentStore, LogRepository
from domain.queries.list_messages import MAX_SEQ, MessageDTO

POLL_SECONDS = 0.25


class EventDTO(Answer):
    """A fact as the client sees it; a `MessageAdded` brings its message along.

    Attributes:
        seq: 1, 2, 3… in its session, without a gap.
        turn: The turn it belongs to; 0 for what comes before the first.
        type: Name of the fact; expect new ones.
        category: What it is about.
        occurred_at: UTC.
        correlation_id: Of the request that caused it.
        data: What the fact says, with a `note` where somebody gave a reason in their own words.
        message: The message, its calls as they are now; None unless `type` is MessageAdded.
    """

    seq: int
    turn: int
    type: str
    category: Category
    occurred_at: datetime
    correlation_id: str
    data: JsonObject
    message: MessageDTO | None = None

    @classmethod
    def of(cls, event: Event, contents: ContentStore) -> Self:
        """Return `event` as the client sees it."""
        return cls(
            seq=event.seq,
            turn=event.turn,
            type=event.fact.type_name(),
            category=event.fact.category,
            occurred_at=event.occurred_at,
            correlation_id=event.trace.correlation_id,
            data=event.fact.model_dump(mode="json", exclude_none=True)
            | ({} if event.note is None else {"note": event.note}),
            message=MessageDTO.of(event.message, event.key, contents) if event.message else None,
        )


class EventPageDTO(Answer):
    """A page of events, numbered without a gap.

    Attributes:
        items: May be fewer than the limit.
        next_after: What to ask for next, also when nothing came.
        has_more: Whether there is more now.
    """

    items: tuple[EventDTO, ...]
    next_after: int
    has_more: bool


class ListEventsQuery(OfSession, Query):
    """Follow a session.

    Attributes:
        after: Only events with greater numbers.
        limit: Most events on the page.
        wait: Seconds to wait for a first event.
    """

    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    wait: Annotated[float, Field(ge=0, le=20)] = 0


class ListEventsHandler:
    """Reads a page of the log; 1 request, and with `wait` one more for each quarter of a second without an event."""

    def __init__(self, log: LogRepository, contents: ContentStore, clock: Clock) -> None:
        self._log = log
        self._contents = contents
        self._clock = clock

    def handle(self, query: ListEventsQuery) -> EventPageDTO:
        """Return the page as of every answered write, as soon as there is an event on it or the wait is over.

        Raises:
            SessionNotFound: no such session of this user.
            StorageUnavailable: the store did not answer; while waiting, that ends the wait and nothing more.
        """
        page = self._awaited(query)
        return EventPageDTO(
            items=tuple(EventDTO.of(event, self._contents) for event in page.events),
            next_after=page.next_after,
            has_more=page.has_more,
        )

    def _awaited(self, query: ListEventsQuery) -> LogPage:
        deadline = self._clock.monotonic() + query.wait
        page = self._log.page(query.key, after=query.after, limit=query.limit)
        while not page.events and (remaining := deadline - self._clock.monotonic()) > 0:
            self._clock.sleep(min(POLL_SECONDS, remaining))
            try:
                page = self._log.page(query.key, after=query.after, limit=query.limit)
            except StorageUnavailable:
                # What was read a moment ago is an answer, and the client asks again.
                break
        return page
