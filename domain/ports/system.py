"""What the domain needs of the machine: time, randomness, a store that answers."""

from datetime import datetime
from typing import Protocol


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
