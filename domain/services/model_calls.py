"""Calling a model: measured, and told as a fact."""

from dataclasses import dataclass

from domain.model.errors import ModelFailure
from domain.model.events import LlmRequestCompleted, LlmRequestFailed
from domain.model.llm import ModelAnswer, ModelRequest
from domain.ports import Clock, ModelClient


@dataclass(frozen=True)
class ModelCall:
    """A model call that came to an end.

    Attributes:
        answer: None when the model did not answer.
        fact: What the log says of it.
    """

    answer: ModelAnswer | None
    fact: LlmRequestCompleted | LlmRequestFailed


class ModelCalls:
    """Calls the deployment's model and measures."""

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

        def failed(status: str, attempts: int) -> ModelCall:
            fact = LlmRequestFailed(
                purpose=purpose, model=self._model.name, status=status, duration_ms=took(), attempt=attempts
            )
            return ModelCall(None, fact)

        try:
            answer = self._model.complete(request)
        except ModelFailure as failure:
            return failed(failure.status, failure.attempts)
        if answer.is_empty:
            return failed("empty", answer.attempts)
        return ModelCall(
            answer,
            LlmRequestCompleted(
                purpose=purpose,
                model=answer.model,
                input_tokens=answer.usage.input_tokens,
                output_tokens=answer.usage.output_tokens,
                duration_ms=took(),
                attempt=answer.attempts,
            ),
        )
