"""Calling a model: measured, priced, and told as facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.events.base import Fact
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed, ModelCircuitClosed, ModelCircuitOpened
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.prices import cost_micro_usd
from domain.ports import Clock, ModelClient

_CIRCUIT_FACTS: dict[CircuitChange, type[ModelCircuitOpened | ModelCircuitClosed]] = {
    CircuitChange.OPENED: ModelCircuitOpened,
    CircuitChange.CLOSED: ModelCircuitClosed,
}


@dataclass(frozen=True)
class ModelCall:
    """A model call that came to an end.

    Attributes:
        answer: None when the model did not answer.
        facts: What the log says of it: how it ended, then what it did to the circuit.
    """

    answer: ModelAnswer | None
    facts: tuple[Fact, ...]


class ModelCalls:
    """Calls the deployment's model, measures and prices."""

    def __init__(self, model: ModelClient, clock: Clock) -> None:
        self._model = model
        self._clock = clock

    def call(self, request: ModelRequest, *, purpose: str) -> ModelCall:
        """Return the answer, or the failure after every try; never raises `ModelFailure`.

        Args:
            request: What is asked.
            purpose: `route` or `answer`.
        """
        began = self._clock.monotonic()

        def took() -> int:
            return round((self._clock.monotonic() - began) * 1000)

        def failed(status: str, attempts: int, circuit: Sequence[CircuitChange]) -> ModelCall:
            fact = LlmRequestFailed(
                purpose=purpose, model=self._model.name, status=status, duration_ms=took(), attempt=attempts
            )
            return ModelCall(None, (fact, *self._changes(circuit)))

        try:
            answer = self._model.complete(request)
        except ModelFailure as failure:
            return failed(failure.status, failure.attempts, failure.circuit)
        if answer.is_empty:
            return failed("empty", answer.attempts, answer.circuit)
        completed = LlmRequestCompleted(
            purpose=purpose,
            model=answer.model,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            duration_ms=took(),
            attempt=answer.attempts,
            cost_micro_usd=cost_micro_usd(answer.model, answer.usage),
        )
        return ModelCall(answer, (completed, *self._changes(answer.circuit)))

    def _changes(self, circuit: Sequence[CircuitChange]) -> tuple[Fact, ...]:
        return tuple(_CIRCUIT_FACTS[change](model=self._model.name) for change in circuit)
