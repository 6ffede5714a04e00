"""Which model answers: a setting."""

from collections.abc import Callable, Mapping

from domain.ports import Clock, ModelClient
from functions.adapters.models.offline import OfflineModel
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam

MODELS: Mapping[str, Callable[[Clock], ModelClient]] = {"offline": OfflineModel}
"""What the setting `model` may name."""


def model_client(model: str, retries: RetryHandler, clock: Clock, seam: IoSeam) -> ModelClient:
    """Return the client of the model a deployment has chosen, with retries around it.

    Raises:
        KeyError: there is no such model.
    """
    return ResilientModelClient(MODELS[model](clock), retries, clock, seam)
