"""A clock that never waits."""

from collections.abc import Callable


class FakeClock:
    """Time that passes only by sleeping.

    Attributes:
        now: Seconds.
        sleeps: Every wait so far, in order.
        on_sleep: Called with each wait: where a test lets the world change meanwhile.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []
        self.on_sleep: Callable[[float], None] = lambda _seconds: None

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.sleeps.append(seconds)
        self.on_sleep(seconds)
