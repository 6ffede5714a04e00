"""Leases in real time: kept alive while their holder lives, over soon after it died."""

import time

import pytest

from domain.model.lock import COVER_SECONDS, LEASE_SECONDS, RENEWAL_SECONDS, HeldByOther, Holder
from domain.ports import SessionLockManager, TurnQueue
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeTurnQueue
from tests.support.figures import Figures

RECOVERY_SECONDS = 5.0
"""A dead worker's session goes on within this time (mission, practice 8)."""


def test_session_is_taken_over_soon_when_its_holder_is_gone_but_never_while_it_lives(
    table_name: str, figures: Figures
) -> None:
    """For longer than a lease the heartbeat keeps everybody out; once it stops, waiting ends with the lease."""
    system = dynamodb_system(table_name)
    locks: SessionLockManager = system.get(SessionLockManager)
    queue: FakeTurnQueue = system.get(TurnQueue)
    key = system.create()
    lease = locks.acquire(key, Holder(name="first", cover="message", receipt="receipt"), if_owed=False)
    with locks.hold(lease):
        time.sleep(LEASE_SECONDS + RENEWAL_SECONDS)
        with pytest.raises(HeldByOther):
            locks.acquire(key, Holder(name="second", cover="other", receipt=""), if_owed=False)
    gone = time.monotonic()

    taken = locks.acquire_within(key, Holder(name="second", cover="other", receipt=""), timeout_seconds=10)

    waited = time.monotonic() - gone
    figures.note("session of a vanished holder", seconds_until_taken=waited)
    assert waited < RECOVERY_SECONDS
    assert taken.lost_fence == lease.fence
    assert set(queue.extended) == {("receipt", COVER_SECONDS)}
    assert len(queue.extended) >= int(LEASE_SECONDS / RENEWAL_SECONDS)
