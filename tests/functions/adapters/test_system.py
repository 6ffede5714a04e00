"""The real clock and real randomness."""

import re
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.value import SessionKey
from functions.adapters.system import RandomIds, SystemClock
from tests.support.system import ALICE

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def milliseconds_of(session_id: str) -> int:
    """Return the time in a session id."""
    number = 0
    for character in session_id.removeprefix("s-"):
        number = number * 32 + CROCKFORD.index(character)
    return number >> 80


def test_clock_tells_utc_in_milliseconds() -> None:
    """A time has no more digits than every place that keeps it."""
    before = datetime.now(UTC)

    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) <= now <= datetime.now(UTC)


def test_clock_never_goes_back() -> None:
    """Durations are measured on a clock that only grows."""
    clock = SystemClock()
    first = clock.monotonic()

    clock.sleep(0)

    assert clock.monotonic() >= first


def test_session_id_is_a_ulid_of_now() -> None:
    """An id fits the contract and begins with its time."""
    before = SystemClock().now()

    session_id = RandomIds().session_id()

    assert re.fullmatch(rf"s-[{CROCKFORD}]{{26}}", session_id)
    assert SessionKey(user=ALICE, session_id=session_id).session_id == session_id
    assert 0 <= milliseconds_of(session_id) - round(before.timestamp() * 1000) < 60_000


def test_session_ids_sort_by_time_and_never_meet() -> None:
    """Of a thousand ids no two are the same, and each begins no earlier than those before it."""
    ids = [RandomIds().session_id() for _ in range(1000)]

    times = [session_id[:12] for session_id in ids]
    assert len(set(ids)) == 1000
    assert times == sorted(times)


def test_incarnation_is_twelve_plain_characters() -> None:
    """An incarnation holds no separator."""
    made = {RandomIds().incarnation() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[a-z0-9]{12}", incarnation) for incarnation in made)


def test_correlation_id_is_32_hexadecimal_digits() -> None:
    """An id that was made is one that would be taken."""
    made = {RandomIds().correlation_id() for _ in range(100)}

    assert len(made) == 100
    assert all(len(one) == 32 and set(one) <= set(string.hexdigits.lower()) for one in made)


@given(st.floats(0, 1000))
def test_jitter_lies_between_nothing_and_the_longest(up_to_seconds: float) -> None:
    """A wait is random and bounded."""
    assert 0 <= RandomIds().jitter(up_to_seconds) <= up_to_seconds


@pytest.mark.parametrize("up_to_seconds", [0.1, 30.0])
def test_jitter_spreads_over_the_whole_range(up_to_seconds: float) -> None:
    """Waits are spread, or they would spread nothing."""
    waits = [RandomIds().jitter(up_to_seconds) / up_to_seconds for _ in range(1000)]

    assert min(waits) < 0.1
    assert max(waits) > 0.9
