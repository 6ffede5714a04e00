"""Another model, for when the first cannot answer."""

from domain.model.circuit import FailedModel
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from domain.ports import Clock, ModelClient
from functions.adapters.models.failures import can_another_answer


class FallbackModelClient:
    """Asks the second model when the first has failed after all its retries, or its circuit is open.

    A conversation that a guardrail or a filter stopped is not taken to another model.
    """

    def __init__(self, first: ModelClient, second: ModelClient, clock: Clock) -> None:
        self._first = first
        self._second = second
        self._clock = clock

    @property
    def name(self) -> str:
        """Name of the first model."""
        return self._first.name

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the first answer; the second model has time for one try at least, or for half of all there is."""
        began = self._clock.monotonic()
        budget = request.budget_seconds
        kept = min(request.timeout_seconds, budget / 2)
        try:
            return self._first.complete(request.model_copy(update={"budget_seconds": budget - kept}))
        except ModelFailure as failure:
            if not can_another_answer(failure):
                raise
            failed = FailedModel(model=self._first.name, status=failure.status, circuit=failure.circuit)
        left = budget - (self._clock.monotonic() - began)
        try:
            answer = self._second.complete(request.model_copy(update={"budget_seconds": left}))
        except ModelFailure as failure:
            failure.model, failure.instead_of = self._second.name, failed
            raise
        return answer.model_copy(update={"instead_of": failed})
