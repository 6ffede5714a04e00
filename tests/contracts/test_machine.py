"""`Clock` and `Ids`: what both the machine and the fakes that stand still owe the domain."""

import re
from datetime import UTC

import pytest

from domain.model.value import SessionKey
from domain.ports import Clock, Ids
from functions.adapters.system import RandomIds, SystemClock
from tests.support.fakes import CountingIds, FakeClock
from tests.support.system import ALICE

EVERY_CLOCK = pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["machine", "fake"])
EVERY_IDS = pytest.mark.parametrize("ids", [RandomIds(), CountingIds()], ids=["machine", "fake"])


@EVERY_CLOCK
def test_clock_tells_utc_in_milliseconds_when_asked(clock: Clock) -> None:
    """A time has no more digits than every place that keeps it."""
    now = clock.now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


@EVERY_CLOCK
@pytest.mark.parametrize("seconds", [0.0, 0.003])
def test_time_passes_when_somebody_sleeps(clock: Clock, seconds: float) -> None:
    """Both of its times, by no less than was slept."""
    began, then = clock.monotonic(), clock.now()

    clock.sleep(seconds)

    assert clock.monotonic() - began >= seconds
    # One millisecond is what cutting off the rest may take away.
    assert (clock.now() - then).total_seconds() >= seconds - 0.001


@EVERY_IDS
def test_ids_are_of_their_forms_when_made(ids: Ids) -> None:
    """A session id is one that a client could have chosen; the others hold no separator."""
    session_id = ids.session_id()

    assert SessionKey(user=ALICE, session_id=session_id).session_id == session_id
    assert re.fullmatch(r"[a-z0-9]{12}", ids.incarnation())
    assert re.fullmatch(r"[0-9a-f]{32}", ids.correlation_id())


@EVERY_IDS
def test_ids_never_meet_when_many_are_made(ids: Ids) -> None:
    """Of each kind a hundred are a hundred."""
    for make in (ids.session_id, ids.incarnation, ids.correlation_id):
        assert len({make() for _ in range(100)}) == 100


@EVERY_IDS
@pytest.mark.parametrize("longest", [0.0, 0.1, 30.0])
def test_jitter_lies_between_nothing_and_the_longest_when_asked(ids: Ids, longest: float) -> None:
    """A wait is bounded."""
    assert all(0 <= ids.jitter(longest) <= longest for _ in range(50))
