"""A session's events in order, each exactly once."""

from collections.abc import Iterator
from typing import Protocol

from clients.pacing import Clock
from clients.problems import GapFound, ServerSilent
from clients.views import Event, Page

_WAIT_SECONDS = 20
_SOON_SECONDS = 1.0


class EventSource(Protocol):
    """Where events come from."""

    def list_events(self, session_id: str, *, after: int, limit: int, wait_seconds: int) -> Page[Event]:
        """Return events above `after`, waiting for one if there is none."""
        ...


def events(
    source: EventSource, session_id: str, *, after: int, clock: Clock, max_silence_seconds: float | None = None
) -> Iterator[Event]:
    """Yield the events above `after` for as long as the caller asks for more, waiting at the server for new ones.

    Args:
        source: The API.
        session_id: Whose events.
        after: Number of the last event already seen, 0 for none.
        clock: Measures silence, and paces a server that has no free place to wait at.
        max_silence_seconds: How long no event may come; None waits for ever.

    Raises:
        GapFound: a number is missing.
        ServerSilent: nothing came for `max_silence_seconds`.
    """
    last = after
    heard_at = clock.monotonic()
    while True:
        asked_at = clock.monotonic()
        page = source.list_events(session_id, after=last, limit=200, wait_seconds=_WAIT_SECONDS)
        before = last
        for event in page.items:
            if event.seq <= last:
                continue  # seen already; the cursor makes a repeat harmless
            if event.seq != last + 1:
                raise GapFound(last + 1, event.seq)
            last = event.seq
            yield event
        if page.next_after > last:
            raise GapFound(last + 1, page.next_after + 1)
        now = clock.monotonic()
        if last > before:
            heard_at = now
            continue
        if max_silence_seconds is not None and now - heard_at >= max_silence_seconds:
            raise ServerSilent(f"no event after number {last} for {now - heard_at:.0f} s")
        # A server whose waiting places are all taken answers at once; asking again at once would only add to its load.
        clock.sleep(max(0.0, _SOON_SECONDS - (now - asked_at)))
