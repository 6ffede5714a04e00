"""The times of the lock, which hold together or lose turns."""

from math import floor

from domain.model.lock import COVER_SECONDS, LEASE_SECONDS, OVERDUE_SECONDS, RENEWAL_SECONDS


def test_lease_outlives_two_missed_renewals() -> None:
    """One slow answer of the store loses no session."""
    assert 3 * RENEWAL_SECONDS <= LEASE_SECONDS


def test_message_is_back_before_the_lease_ends_and_outlives_one_missed_renewal() -> None:
    """A successor starts within the lease of the dead; while a worker lives, nobody looks, save that it stalls."""
    assert floor(LEASE_SECONDS) == COVER_SECONDS
    assert 2 * RENEWAL_SECONDS < COVER_SECONDS
    assert LEASE_SECONDS - COVER_SECONDS < OVERDUE_SECONDS < LEASE_SECONDS - RENEWAL_SECONDS
