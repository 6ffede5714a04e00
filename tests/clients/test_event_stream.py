"""Events come in order, once each, and a missing one is never passed over."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.event_stream import events
from clients.problems import GapFound, ServerSilent
from clients.views import Event, Page
from tests.clients.fake_clock import FakeClock


def event(seq: int) -> Event:
    """Return event number `seq`."""
    return Event(seq, 1, "TurnStarted", "turn", datetime(2026, 1, 1, tzinfo=UTC), "c-1", {})


def page(*seqs: int, next_after: int | None = None) -> Page[Event]:
    """Return a page with these numbers."""
    return Page(tuple(map(event, seqs)), seqs[-1] if next_after is None else next_after, has_more=False)


class Pages:
    """Hands out pages one after the other, each after some time, then empty ones.

    Attributes:
        asked: The cursor of each request.
    """

    def __init__(self, clock: FakeClock, *pages: Page[Event], seconds: float = 20.0) -> None:
        self.asked: list[int] = []
        self._clock = clock
        self._pages = iter(pages)
        self._seconds = seconds

    def list_events(self, session_id: str, *, after: int, limit: int, wait_seconds: int) -> Page[Event]:
        """Return the next page."""
        assert (session_id, limit, wait_seconds) == ("s-1", 200, 20)
        self.asked.append(after)
        self._clock.now += self._seconds
        return next(self._pages, Page((), after, has_more=False))


def seqs(stream: Iterator[Event], count: int) -> list[int]:
    """Return the numbers of the next events."""
    return [one.seq for one in islice(stream, count)]


def test_events_come_once_in_order_when_pages_overlap(clock: FakeClock) -> None:
    """What was seen already is passed over; the cursor moves on."""
    source = Pages(clock, page(3, 4), page(3, 4, 4, 5), page(5, next_after=5), page(6))

    assert seqs(events(source, "s-1", after=2, clock=clock), 4) == [3, 4, 5, 6]
    assert source.asked == [2, 4, 5, 5]


@pytest.mark.parametrize(
    ("bad", "expected", "found"),
    [(page(4), 3, 4), (page(3, 5), 4, 5), (page(4, 3), 3, 4), (page(3, next_after=9), 4, 10)],
)
def test_gap_is_raised_when_a_number_is_missing(clock: FakeClock, bad: Page[Event], expected: int, found: int) -> None:
    """Whether the hole is before, within or after a page, following stops with its number."""
    stream = events(Pages(clock, bad), "s-1", after=2, clock=clock)

    with pytest.raises(GapFound) as raised:
        list(stream)

    assert (raised.value.expected, raised.value.found) == (expected, found)
    assert str(raised.value) == f"event {expected} is missing: after {expected - 1} came {found}"


def test_server_is_not_hurried_when_it_answers_at_once_with_nothing(clock: FakeClock) -> None:
    """Without a free place to wait at the server, the client waits by itself."""
    empty = Page[Event]((), 0, has_more=False)
    source = Pages(clock, empty, empty, page(1), seconds=0.25)

    assert seqs(events(source, "s-1", after=0, clock=clock), 1) == [1]
    assert clock.sleeps == [0.75, 0.75]


def test_client_does_not_wait_when_server_did(clock: FakeClock) -> None:
    """After a wait at the server the next request follows at once."""
    source = Pages(clock, Page((), 0, has_more=False), page(1))

    seqs(events(source, "s-1", after=0, clock=clock), 1)

    assert sum(clock.sleeps) == 0


def test_silence_is_raised_when_nothing_comes_for_too_long(clock: FakeClock) -> None:
    """A caller need not wait for ever; each event starts its patience anew."""
    stream = events(Pages(clock, page(1), page(2)), "s-1", after=0, clock=clock, max_silence_seconds=60)

    assert seqs(stream, 2) == [1, 2]
    with pytest.raises(ServerSilent, match="no event after number 2 for 60 s"):
        next(stream)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.integers(0, 5))
def test_what_comes_out_is_always_gap_free(numbers: list[int], after: int) -> None:
    """Whatever a server sends, what is handed on counts up by one from the cursor."""
    clock = FakeClock()
    source = Pages(clock, *(page(number) for number in numbers))
    seen: list[int] = []
    with suppress(GapFound, ServerSilent):
        seen.extend(one.seq for one in events(source, "s-1", after=after, clock=clock, max_silence_seconds=1))

    assert seen == list(range(after + 1, after + 1 + len(seen)))
