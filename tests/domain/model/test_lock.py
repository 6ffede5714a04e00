"""The times of the lock, which hold together or lose turns."""

from math import ceil

from domain.model.lock import COVER_SECONDS, LEASE_SECONDS, RENEWAL_SECONDS


def test_lease_outlives_two_missed_renewals() -> None:
    """One slow answer of the store loses no session."""
    assert 3 * RENEWAL_SECONDS <= LEASE_SECONDS


def test_message_is_hidden_for_as_long_as_the_lease_and_no_second_more() -> None:
    """Earlier it would find the lease of a dead worker running; each second later is one that the user waits."""
    assert ceil(LEASE_SECONDS) == COVER_SECONDS
