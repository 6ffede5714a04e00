"""The real clock and real randomness. The only reader of both."""

import random
import secrets
import time
from datetime import UTC, datetime

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return UTC, cut to milliseconds, which is what every representation of a time here keeps."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the thread."""
        time.sleep(seconds)


class RandomIds:
    """Ids from the operating system's randomness."""

    def session_id(self) -> str:
        """Return `s-` and a ULID in lower case: 48 bits of milliseconds, then 80 random ones.

        Source:
            https://github.com/ulid/spec
        """
        number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
        return "s-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

    def incarnation(self) -> str:
        """Return 12 characters, 62 bits."""
        return "".join(secrets.choice(_LOWER) for _ in range(12))

    def correlation_id(self) -> str:
        """Return 32 hexadecimal digits."""
        return secrets.token_hex(16)

    def jitter(self, up_to_seconds: float) -> float:
        """Return a uniformly random wait."""
        return random.uniform(0, up_to_seconds)  # noqa: S311  # spreads load, guards nothing
