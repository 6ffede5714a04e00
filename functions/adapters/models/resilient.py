"""A model client that does not give up at once."""

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from domain.ports import Clock, ModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam, Phase

OPERATION = "model.Complete"


class ResilientModelClient:
    """Repeats calls that can succeed later, within the request's budget of time; an empty answer is a failure too.

    Three repeats, the longest wait 1 s, 2 s, 4 s, `Retry-After` honoured (mission, practice 8).
    """

    def __init__(self, inner: ModelClient, retries: RetryHandler, clock: Clock, seam: IoSeam) -> None:
        self._inner = inner
        self._retries = retries
        self._clock = clock
        self._seam = seam

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the first answer; it says how many tries it took, and what all of them did to the circuit."""
        deadline = self._clock.monotonic() + request.budget_seconds
        attempts = 0
        changes: list[CircuitChange] = []

        def attempt() -> ModelAnswer:
            nonlocal attempts
            attempts += 1
            remaining = max(deadline - self._clock.monotonic(), 0.1)
            timed = request.model_copy(update={"timeout_seconds": min(request.timeout_seconds, remaining)})
            self._seam.tell(Phase.BEFORE, OPERATION)
            try:
                answer = self._inner.complete(timed)
            except ModelFailure as failure:
                self._seam.tell(Phase.FAILED, OPERATION)
                changes.extend(failure.circuit)
                raise
            self._seam.tell(Phase.AFTER, OPERATION)
            changes.extend(answer.circuit)
            if answer.is_empty:
                raise ModelFailure("The model answered nothing.", status="empty", is_retryable=True)
            return answer

        try:
            answer = self._retries.with_exponential_backoff(attempt, deadline=deadline)
        except ModelFailure as failure:
            failure.circuit = tuple(changes)
            raise
        return answer.model_copy(update={"attempts": attempts, "circuit": tuple(changes)})
