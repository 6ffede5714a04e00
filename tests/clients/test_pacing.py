"""Pauses between tries are bounded, and the machine's clock is one."""

from hypothesis import given
from hypothesis import strategies as st

from clients.pacing import Repeats, SystemClock


@given(tries=st.integers(1, 10_000), retry_after=st.none() | st.text() | st.integers(0, 60).map(str))
def test_pause_is_bounded_whatever_the_server_says(tries: int, retry_after: str | None) -> None:
    """A pause is never negative and never above what was asked for and a quarter; tries end."""
    pause = Repeats(max_tries=5000).pause_after(tries, retry_after)

    assert (pause is None) == (tries >= 5000) or retry_after is not None
    assert pause is None or 0 <= pause <= 75


def test_system_clock_moves() -> None:
    """The machine's clock grows and returns from a wait of nothing."""
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0)

    assert clock.monotonic() >= before
