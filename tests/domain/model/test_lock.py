"""The times of the lock, which hold together or lose turns."""

from domain.model.lock import COVER_SECONDS, LEASE_SECONDS, RENEWAL_SECONDS


def test_lease_outlives_two_missed_renewals_and_its_message_outlives_the_lease() -> None:
    """One slow answer loses no session; a message that comes back finds the lease of a dead worker run out."""
    assert 3 * RENEWAL_SECONDS <= LEASE_SECONDS <= COVER_SECONDS
