"""Calling a model: measured, priced, and told as facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.model.circuit import CircuitChange, FailedModel
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

        def failed(
            status: str, attempts: int, circuit: Sequence[CircuitChange], failure: ModelFailure | None
        ) -> ModelCall:
            model = (failure and failure.model) or self._model.name
            before = failure.instead_of if failure else None
            fact = LlmRequestFailed(
                purpose=purpose,
                model=model,
                status=status,
                duration_ms=took(),
                attempt=attempts,
                **_instead(before),
            )
            return ModelCall(None, (fact, *_changes(model, circuit, before)))

        try:
            answer = self._model.complete(request)
        except ModelFailure as failure:
            return failed(failure.status, failure.attempts, failure.circuit, failure)
        if answer.is_empty:
            return failed("empty", answer.attempts, answer.circuit, None)
        completed = LlmRequestCompleted(
            purpose=purpose,
            model=answer.model,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            duration_ms=took(),
            attempt=answer.attempts,
            cost_micro_usd=cost_micro_usd(answer.model, answer.usage),
            **_instead(answer.instead_of),
        )
        model = answer.model if answer.instead_of else self._model.name
        return ModelCall(answer, (completed, *_changes(model, answer.circuit, answer.instead_of)))


def _instead(before: FailedModel | None) -> dict[str, str]:
    return {"instead_of": before.model, "instead_status": before.status} if before else {}


def _changes(model: str, circuit: Sequence[CircuitChange], before: FailedModel | None) -> tuple[Fact, ...]:
    earlier = _changes(before.model, before.circuit, None) if before else ()
    return (*earlier, *(_CIRCUIT_FACTS[change](model=model) for change in circuit))
