"""Repeating what can succeed later."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from domain.model.errors import TransientFailure
from domain.ports import Clock, Ids

T = TypeVar("T")


class RetryHandler:
    """Repeats what can succeed later, waiting longer each time, with full jitter and `Retry-After` honoured."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def with_exponential_backoff(  # the numbers of a backoff belong together
        self,
        operation: Callable[[], T],
        *,
        max_retries: int = 3,
        base_seconds: float = 1.0,
        factor: float = 2.0,
        cap_seconds: float = 30.0,
        deadline: float = float("inf"),
    ) -> T:
        """Return what `operation` returns, trying at most `max_retries` + 1 times.

        Args:
            operation: May raise `TransientFailure`.
            max_retries: Repeats after the first try.
            base_seconds: Longest wait before the first repeat.
            factor: Growth of the longest wait.
            cap_seconds: No wait is longer.
            deadline: On the monotonic clock; no wait begins that would end after it.

        Raises:
            TransientFailure: the last one, when it cannot succeed later or tries or time are used up; it says how many
                tries there were.

        Source:
            Full jitter: Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.
        """

        def wait(state: RetryCallState) -> float:
            longest = min(cap_seconds, base_seconds * factor ** (state.attempt_number - 1))
            asked = _asked(state)
            return self._ids.jitter(longest) if asked is None else min(max(asked, 0.0), cap_seconds)

        def stop(state: RetryCallState) -> bool:
            is_late = self._clock.monotonic() + state.upcoming_sleep >= deadline
            return is_late or stop_after_attempt(max_retries + 1)(state)

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, TransientFailure) and error.is_retryable),
            wait=wait,
            stop=stop,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return retrying(operation)
        except TransientFailure as failure:
            failure.attempts = retrying.statistics["attempt_number"]
            raise


def _asked(state: RetryCallState) -> float | None:
    """Return how long the neighbour wants us to wait; None when it did not say."""
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after_seconds if isinstance(error, TransientFailure) else None
