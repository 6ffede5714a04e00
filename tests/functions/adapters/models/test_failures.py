"""What providers' failures mean."""

import pytest

from functions.adapters.models.failures import failure, is_provider_down

MEANINGS = {
    # status: worth another try, the provider is down
    "400": (False, False),
    "401": (False, False),
    "403": (False, False),
    "404": (False, False),
    "408": (True, True),
    "424": (True, False),
    "425": (True, False),
    "429": (True, False),
    "500": (True, True),
    "501": (False, False),
    "502": (True, True),
    "503": (True, True),
    "504": (True, True),
    "529": (True, True),
    "timeout": (True, True),
    "connection": (True, True),
    "broken": (True, True),
    "malformed": (True, False),
    "guardrail": (False, False),
    "content_filtered": (False, False),
    "context_window": (False, False),
    "circuit_open": (False, False),
    "configuration": (False, False),
}


@pytest.mark.parametrize("status", MEANINGS)
def test_status_means_the_same_whoever_gave_it(status: str) -> None:
    """Only what can succeed later is tried again; only a provider that does not do its work opens the circuit."""
    failed = failure(status, "Failed.")

    assert (failed.is_retryable, is_provider_down(failed)) == MEANINGS[status]


def test_defect_of_ours_never_opens_the_circuit() -> None:
    """A bug in a client says nothing about the provider."""
    assert not is_provider_down(KeyError("bug"))
