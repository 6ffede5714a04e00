"""Which model answers."""

import pytest

from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.models.selection import MODELS, model_client
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam
from tests.support.fakes import CountingIds, FakeClock


def retries(clock: FakeClock) -> RetryHandler:
    """Return repeats on a clock that stands still."""
    return RetryHandler(clock, CountingIds())


@pytest.mark.parametrize("model", MODELS)
def test_model_is_resilient_when_a_deployment_chose_it(model: str) -> None:
    """Every model has repeats around it, and keeps its name."""
    clock = FakeClock()

    client = model_client(model, retries(clock), clock, IoSeam())

    assert isinstance(client, ResilientModelClient)
    assert client.name.startswith(model)


def test_model_is_refused_when_there_is_none_of_that_name() -> None:
    """A wrong setting ends the start of a function, not a user's turn."""
    clock = FakeClock()

    with pytest.raises(KeyError, match="no-such-model"):
        model_client("no-such-model", retries(clock), clock, IoSeam())
