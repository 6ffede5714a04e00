"""`SessionLockManager`: one holder at a time, and a number that shuts out all former ones."""

from datetime import timedelta

import pytest

from domain.model.errors import LockAcquisitionTimeoutError, LostFence, SessionNotFound
from domain.model.lock import LEASE_SECONDS, HeldByOther, NothingOwed
from domain.model.value import SessionKey
from domain.services import turns
from tests.contracts.steps import Steps, holder, says
from tests.support.builders import make_key
from tests.support.system import BOB

MOMENT = 0.001


class BlockFailed(Exception):  # noqa: N818  # what a test raises on purpose
    """Stands for anything that goes wrong while a lock is held."""


def test_lock_is_taken_with_its_session_when_it_is_free(steps: Steps) -> None:
    """One request locks and loads: the lease shows the session as it is, taking included."""
    key = steps.create_owing()

    lease = steps.locks.acquire(key, holder())

    assert lease.session == steps.sessions.get(key)
    assert (lease.key, lease.holder, lease.lost_fence) == (key, holder(), None)
    assert (lease.fence, lease.session.fence, lease.session.attempts) == (1, 1, 1)
    assert lease.until == steps.clock.now() + timedelta(seconds=LEASE_SECONDS)


def test_takings_count_for_one_turn_when_it_is_ended_by_somebody_who_read_before_them(steps: Steps) -> None:
    """Whoever cancels knows nothing of the worker that has just begun; it must not count against the next turn."""
    key = steps.create_owing()
    draft = steps.draft(steps.sessions.get(key))
    steps.locks.acquire(key, holder())
    turns.cancel_all(draft)

    steps.sessions.commit(draft.commit())

    assert steps.sessions.get(key).attempts == 0


def test_takings_are_kept_when_somebody_who_read_before_them_adds_to_the_queue(steps: Steps) -> None:
    """The turn is the same, and so is what befell it."""
    key = steps.create_owing()
    draft = steps.draft(steps.sessions.get(key))
    steps.locks.acquire(key, holder())
    says("more")(draft)

    steps.sessions.commit(draft.commit())

    assert steps.sessions.get(key).attempts == 1


def test_lock_is_refused_when_no_turn_is_owed(steps: Steps) -> None:
    """A stale queue message costs one refused request and changes nothing."""
    key = steps.create()
    before = steps.sessions.get(key)

    with pytest.raises(NothingOwed):
        steps.locks.acquire(key, holder())

    assert steps.sessions.get(key) == before


def test_lock_is_taken_when_nobody_asks_whether_a_turn_is_owed(steps: Steps) -> None:
    """Whoever is no worker needs no turn."""
    lease = steps.locks.acquire(steps.create(), holder(), if_owed=False)

    assert lease.fence == 1


@pytest.mark.parametrize("if_owed", [True, False])
@pytest.mark.parametrize("key", [make_key("s2"), make_key("s1", BOB)], ids=["another id", "another user"])
def test_lock_is_refused_when_it_is_no_session_of_this_owner(steps: Steps, key: SessionKey, if_owed: bool) -> None:
    """A lock never makes a session."""
    steps.create_owing()

    with pytest.raises(SessionNotFound):
        steps.locks.acquire(key, holder(), if_owed=if_owed)
    with pytest.raises(SessionNotFound):
        steps.sessions.get(key)


@pytest.mark.parametrize("passed", [0.0, 1.0, LEASE_SECONDS - MOMENT])
def test_lock_is_refused_when_another_lease_still_runs(steps: Steps, passed: float) -> None:
    """The refusal says which message covers the holder and how long its lease lasts."""
    key = steps.create_owing()
    steps.locks.acquire(key, holder("first", "its message"))
    steps.clock.advance(passed)

    with pytest.raises(HeldByOther) as refusal:
        steps.locks.acquire(key, holder("second"))

    assert refusal.value.cover == "its message"
    assert refusal.value.seconds_left == pytest.approx(LEASE_SECONDS - passed, abs=MOMENT / 10)
    assert steps.sessions.get(key).fence == 1


@pytest.mark.parametrize("late", [0.0, MOMENT, 100.0])
def test_lock_is_taken_when_the_lease_has_run_out(steps: Steps, late: float) -> None:
    """The successor learns under which number the vanished holder wrote."""
    key = steps.create_owing()
    lost = steps.locks.acquire(key, holder("first"))
    steps.clock.advance(LEASE_SECONDS + late)

    lease = steps.locks.acquire(key, holder("second"))

    assert (lease.fence, lease.lost_fence, lease.session.attempts) == (2, lost.fence, 2)


def test_lock_is_taken_again_when_it_is_the_holders_own(steps: Steps) -> None:
    """The answer to a first try may have been lost; the second is a taking of its own, and nobody was lost."""
    key = steps.create_owing()
    first = steps.locks.acquire(key, holder())

    second = steps.locks.acquire(key, holder())

    assert (second.fence, second.lost_fence) == (first.fence + 1, None)
    with pytest.raises(LostFence):
        steps.locks.renew(first)
    with pytest.raises(LostFence):
        steps.change(first.session, says("under the old number"), fence=first.fence)


def test_lease_lasts_longer_when_it_is_renewed(steps: Steps) -> None:
    """Each renewal counts from its own moment."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder("first"))
    for _ in range(4):
        steps.clock.advance(LEASE_SECONDS - MOMENT)
        steps.locks.renew(lease)
    steps.clock.advance(LEASE_SECONDS - MOMENT)

    with pytest.raises(HeldByOther):
        steps.locks.acquire(key, holder("second"))

    assert steps.sessions.get(key).fence == lease.fence


def test_lease_lives_again_when_it_is_renewed_before_anybody_took_it(steps: Steps) -> None:
    """A lease that ran out is lost to a successor, not to the clock."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder("first"))
    steps.clock.advance(LEASE_SECONDS * 2)

    steps.locks.renew(lease)

    with pytest.raises(HeldByOther):
        steps.locks.acquire(key, holder("second"))


def test_renewal_is_refused_when_somebody_else_took_the_session(steps: Steps) -> None:
    """The loser does not lengthen the winner's lease."""
    key = steps.create_owing()
    lost = steps.locks.acquire(key, holder("first"))
    steps.clock.advance(LEASE_SECONDS)
    steps.locks.acquire(key, holder("second"))
    steps.clock.advance(LEASE_SECONDS - MOMENT)

    with pytest.raises(LostFence):
        steps.locks.renew(lost)

    steps.clock.advance(MOMENT)
    assert steps.locks.acquire(key, holder("third")).fence == 3


def test_lock_is_free_when_it_was_released(steps: Steps) -> None:
    """The next taker has lost nobody; the former holder is out."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder("first"))

    steps.locks.release(lease)

    with pytest.raises(LostFence):
        steps.locks.renew(lease)
    taken = steps.locks.acquire(key, holder("second"))
    assert (taken.fence, taken.lost_fence) == (2, None)


def test_release_does_nothing_when_the_session_was_lost(steps: Steps) -> None:
    """A late release does not free the successor's lock."""
    key = steps.create_owing()
    lost = steps.locks.acquire(key, holder("first"))
    steps.clock.advance(LEASE_SECONDS)
    steps.locks.acquire(key, holder("second"))

    steps.locks.release(lost)
    steps.locks.release(lost)

    with pytest.raises(HeldByOther):
        steps.locks.acquire(key, holder("third"))


def test_waiting_ends_with_the_lock_when_the_lease_runs_out_in_time(steps: Steps) -> None:
    """It sleeps for as long as the lease lasts, not longer than needed."""
    key = steps.create()
    steps.take(key, "first")
    began = steps.clock.monotonic()

    lease = steps.locks.acquire_within(key, holder("second"), timeout_seconds=10)

    assert lease.fence == 2
    assert LEASE_SECONDS <= steps.clock.monotonic() - began <= LEASE_SECONDS + 0.5


def test_waiting_costs_nothing_when_the_lock_is_free(steps: Steps) -> None:
    """A turn need not be owed, and nobody sleeps."""
    lease = steps.locks.acquire_within(steps.create(), holder(), timeout_seconds=0)

    assert lease.fence == 1
    assert steps.clock.slept == []


@pytest.mark.parametrize("timeout_seconds", [0.0, 0.5, LEASE_SECONDS - 0.1])
def test_waiting_ends_with_a_refusal_when_the_lease_outlasts_it(steps: Steps, timeout_seconds: float) -> None:
    """The deadline holds to the moment, and a client is told when to come again."""
    key = steps.create()
    steps.take(key, "first")
    began = steps.clock.monotonic()

    with pytest.raises(LockAcquisitionTimeoutError) as refusal:
        steps.locks.acquire_within(key, holder("second"), timeout_seconds=timeout_seconds)

    assert steps.clock.monotonic() - began == pytest.approx(timeout_seconds)
    assert (refusal.value.code, refusal.value.retry_after_seconds) == ("SESSION_BUSY", 1)


def test_waiting_ends_at_once_when_there_is_no_session(steps: Steps) -> None:
    """Nothing can become free that is not there."""
    with pytest.raises(SessionNotFound):
        steps.locks.acquire_within(make_key("s2"), holder(), timeout_seconds=10)

    assert steps.clock.slept == []


def test_lock_stays_when_the_held_block_ends(steps: Steps) -> None:
    """A turn gives the session back with its last commit, not by leaving the block."""
    lease = steps.take(steps.create())

    with steps.locks.hold(lease):
        pass

    steps.locks.renew(lease)


def test_lock_is_given_back_when_the_held_block_raises(steps: Steps) -> None:
    """Nobody waits for the lease of a worker that failed, and the failure is told as it was."""
    key = steps.create()
    lease = steps.take(key, "first")

    with pytest.raises(BlockFailed), steps.locks.hold(lease):
        raise BlockFailed

    assert steps.take(key, "second").lost_fence is None


def test_lock_of_the_successor_stays_when_the_held_block_lost_its_fence(steps: Steps) -> None:
    """There is nothing of one's own to give back."""
    key = steps.create()
    lease = steps.take(key, "first")

    steps.clock.advance(LEASE_SECONDS)
    successor = steps.take(key, "second")

    with pytest.raises(LostFence), steps.locks.hold(lease):
        steps.change(lease.session, says("zombie"), fence=lease.fence)

    steps.locks.renew(successor)
