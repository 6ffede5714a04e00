"""Which model answers."""

import subprocess
import sys

import pytest

from functions.adapters.models.choice import ModelChoice
from functions.adapters.models.fallback import FallbackModelClient
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.models.selection import PROVIDERS, model_client
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam
from tests.support.aws_transport import ScriptedAws
from tests.support.fakes import CountingIds, FakeClock

pytestmark = pytest.mark.usefixtures("aws_environment")


def chosen(provider: str, fallback: str = "") -> ModelChoice:
    """Return what a deployment with this provider says."""
    return ModelChoice(
        provider=provider,
        model_id="some-model",
        base_url="http://127.0.0.1:1/v1",
        key="",
        guardrail="",
        fallback=fallback,
        table="table",
    )


def made(provider: str) -> ResilientModelClient:
    """Return the client of a deployment with this provider."""
    clock = FakeClock()
    client = model_client(chosen(provider), ScriptedAws({}), RetryHandler(clock, CountingIds()), clock, IoSeam())
    assert isinstance(client, ResilientModelClient)
    return client


@pytest.mark.parametrize("provider", PROVIDERS)
def test_model_is_resilient_when_a_deployment_chose_it(provider: str) -> None:
    """Every model has repeats around it, and the name that facts and prices know."""
    assert made(provider).name == ("offline" if provider == "offline" else "some-model")


def test_model_has_a_fallback_when_a_deployment_chose_one() -> None:
    """Both have repeats of their own; facts and prices know the first by its name."""
    clock = FakeClock()
    retries = RetryHandler(clock, CountingIds())

    client = model_client(chosen("openai", fallback="another"), ScriptedAws({}), retries, clock, IoSeam())

    assert isinstance(client, FallbackModelClient)
    assert (client.name, client._second.name) == ("some-model", "another")


def test_model_is_refused_when_there_is_none_of_that_name() -> None:
    """A wrong setting ends the start of a function, not a user's turn."""
    with pytest.raises(KeyError, match="no-such-model"):
        made("no-such-model")


def test_nothing_of_other_providers_is_loaded_when_one_is_chosen() -> None:
    """A worker with the offline model starts without the circuit breaker, which brings boto3."""
    script = (
        "import sys\n"
        "from functions.adapters.models import selection\n"
        "selection._offline(None, None, None, None)\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in {'boto3', 'aws_lambda_powertools'}))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
