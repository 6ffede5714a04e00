"""Which model answers: a setting. Each client is imported only where it is used."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.ports import Clock, ModelClient
from functions.adapters.aws import Aws
from functions.adapters.models.choice import ModelChoice
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam


def _offline(_choice: ModelChoice, _aws: Aws, clock: Clock, _seam: IoSeam) -> ModelClient:
    from functions.adapters.models.offline import OfflineModel  # noqa: PLC0415  # as the module says

    return OfflineModel(clock)


def _bedrock(choice: ModelChoice, aws: Aws, clock: Clock, _seam: IoSeam) -> ModelClient:
    from functions.adapters.models.bedrock import BedrockModel  # noqa: PLC0415  # same

    model = BedrockModel(choice.model_id, choice.guardrail, aws, clock)
    return _guarded(model, f"bedrock {choice.model_id}", choice, aws, clock)


def _openai(choice: ModelChoice, aws: Aws, clock: Clock, seam: IoSeam) -> ModelClient:
    from functions.adapters.models.model_key import ModelKey  # noqa: PLC0415  # same
    from functions.adapters.models.openai_compatible import OpenAiCompatibleModel  # noqa: PLC0415  # same

    model = OpenAiCompatibleModel(choice.model_id, choice.base_url, ModelKey(choice.key, aws), clock, seam)
    return _guarded(model, f"openai {choice.base_url} {choice.model_id}", choice, aws, clock)


def _guarded(model: ModelClient, circuit: str, choice: ModelChoice, aws: Aws, clock: Clock) -> ModelClient:
    # The circuit breaker brings boto3, which nothing else needs.
    from functions.adapters.models.circuit import CircuitBreaker, GuardedModelClient  # noqa: PLC0415  # same

    return GuardedModelClient(model, CircuitBreaker(circuit, choice.table, aws, clock))


PROVIDERS: Mapping[str, Callable[[ModelChoice, Aws, Clock, IoSeam], ModelClient]] = {
    "offline": _offline,
    "bedrock": _bedrock,
    "openai": _openai,
}
"""What the setting `model` may name."""


def model_client(choice: ModelChoice, aws: Aws, retries: RetryHandler, clock: Clock, seam: IoSeam) -> ModelClient:
    """Return the client of the model a deployment has chosen, with retries around it, and behind it its fallback.

    Raises:
        KeyError: there is no such provider.
    """

    def resilient(chosen: ModelChoice) -> ModelClient:
        return ResilientModelClient(PROVIDERS[chosen.provider](chosen, aws, clock, seam), retries, clock, seam)

    first = resilient(choice)
    if not choice.fallback:
        return first
    from functions.adapters.models.fallback import FallbackModelClient  # noqa: PLC0415  # same

    return FallbackModelClient(first, resilient(replace(choice, model_id=choice.fallback)), clock)
