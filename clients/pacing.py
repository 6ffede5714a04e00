"""Waiting: how long before a request is sent again, and a clock that tests replace."""

import random
import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Time, as far as waiting needs it."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def _spread(up_to_seconds: float) -> float:
    return random.SystemRandom().uniform(0, up_to_seconds)


@dataclass(frozen=True)
class Repeats:
    """How often and after which pause a request is sent again.

    The defaults outlast a server that restarts for most of a minute.

    Attributes:
        max_tries: Requests in all, the first one included.
        first_pause_seconds: Doubles with every try.
        max_pause_seconds: Where doubling ends.
        max_retry_after_seconds: A server that asks for more than this is not asked again.
        is_spread: Whether a random part of up to a quarter is added, so that clients refused together do not come
            back together.
    """

    max_tries: int = 30
    first_pause_seconds: float = 0.2
    max_pause_seconds: float = 2.0
    max_retry_after_seconds: float = 60.0
    is_spread: bool = True

    def pause_after(self, tries: int, retry_after: str | None) -> float | None:
        """Return the seconds to wait after `tries` requests, None when no further one is to be sent.

        Args:
            tries: Requests sent so far, from 1.
            retry_after: The header as it came, seconds; anything else counts as absent.

        >>> calm = Repeats(max_tries=3, is_spread=False)
        >>> calm.pause_after(1, None), calm.pause_after(2, "7"), calm.pause_after(3, None)
        (0.2, 7.0, None)
        """
        if tries >= self.max_tries:
            return None
        # Beyond 2^16 the doubling is far above any maximum; without the bound a long row of tries overflows.
        pause = min(self.first_pause_seconds * 2.0 ** min(tries - 1, 16), self.max_pause_seconds)
        if retry_after is not None and retry_after.strip().isdecimal():
            pause = float(retry_after)
            if pause > self.max_retry_after_seconds:
                return None
        return pause + _spread(pause / 4) if self.is_spread else pause
