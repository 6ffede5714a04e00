"""Repeating what can succeed later."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.errors import ModelFailure, StorageUnavailable, TransientFailure
from functions.adapters.retries import RetryHandler
from functions.adapters.system import RandomIds
from tests.support.fakes import CountingIds, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still until somebody waits."""
    return FakeClock()


@pytest.fixture
def retries(clock: FakeClock) -> RetryHandler:
    """Return a handler that always waits as long as it may."""
    return RetryHandler(clock, CountingIds())


def failing(*failures: Exception) -> tuple[Callable[[], str], list[int]]:
    """Return an operation that raises these and then answers, and the tries so far."""
    left = list(failures)
    tries: list[int] = []

    def operation() -> str:
        tries.append(len(tries) + 1)
        if left:
            raise left.pop(0)
        return "answer"

    return operation, tries


def transient(*, is_retryable: bool = True, retry_after_seconds: float | None = None) -> TransientFailure:
    """Return a neighbour's failure."""
    return TransientFailure("failed", is_retryable=is_retryable, retry_after_seconds=retry_after_seconds)


def test_retries_answer_at_once_when_nothing_fails(retries: RetryHandler, clock: FakeClock) -> None:
    """What works is done once, without a pause."""
    operation, tries = failing()

    assert retries.with_exponential_backoff(operation) == "answer"
    assert (tries, clock.slept) == ([1], [])


@pytest.mark.parametrize(("failures", "slept"), [(1, [1.0]), (2, [1.0, 2.0]), (3, [1.0, 2.0, 4.0])])
def test_retries_wait_twice_as_long_each_time_when_it_fails_again(
    retries: RetryHandler, clock: FakeClock, failures: int, slept: list[float]
) -> None:
    """The longest waits are 1 s, 2 s and 4 s."""
    operation, tries = failing(*(transient() for _ in range(failures)))

    assert retries.with_exponential_backoff(operation) == "answer"
    assert (len(tries), clock.slept) == (failures + 1, slept)


def test_retries_give_up_with_the_last_failure_when_three_repeats_failed(
    retries: RetryHandler, clock: FakeClock
) -> None:
    """After four tries the last failure is the caller's, and says how many there were."""
    failures = [transient() for _ in range(5)]
    operation, tries = failing(*failures)

    with pytest.raises(TransientFailure) as raised:
        retries.with_exponential_backoff(operation)

    assert raised.value is failures[3]
    assert (raised.value.attempts, len(tries), clock.slept) == (4, 4, [1.0, 2.0, 4.0])


def test_retries_wait_no_longer_than_the_cap_when_there_are_many(retries: RetryHandler, clock: FakeClock) -> None:
    """No wait is longer than 30 s, however often it failed."""
    operation, _ = failing(*(transient() for _ in range(8)))

    retries.with_exponential_backoff(operation, max_retries=8)

    assert clock.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_retries_take_their_numbers_from_the_caller_when_he_gives_them(retries: RetryHandler, clock: FakeClock) -> None:
    """Base, factor and cap are the caller's to choose."""
    operation, _ = failing(*(transient() for _ in range(4)))

    retries.with_exponential_backoff(operation, max_retries=4, base_seconds=0.5, factor=3.0, cap_seconds=5.0)

    assert clock.slept == [0.5, 1.5, 4.5, 5.0]


@given(st.integers(1, 12), st.floats(0, 100))
def test_retries_wait_a_random_time_up_to_the_longest_when_jitter_is_real(failures: int, cap_seconds: float) -> None:
    """Full jitter: each wait lies between nothing and the longest of its turn."""
    clock = FakeClock()
    operation, _ = failing(*(transient() for _ in range(failures)))

    RetryHandler(clock, RandomIds()).with_exponential_backoff(operation, max_retries=12, cap_seconds=cap_seconds)

    assert len(clock.slept) == failures
    assert all(0 <= slept <= min(cap_seconds, 2.0**place) for place, slept in enumerate(clock.slept))


@pytest.mark.parametrize(("asked", "slept"), [(7.5, 7.5), (0.0, 0.0), (300.0, 30.0), (-5.0, 0.0)])
def test_retries_wait_as_long_as_asked_when_the_neighbour_says_so(
    retries: RetryHandler, clock: FakeClock, asked: float, slept: float
) -> None:
    """`Retry-After` stands above jitter, within 0 s and the cap."""
    operation, _ = failing(transient(retry_after_seconds=asked), transient())

    retries.with_exponential_backoff(operation)

    assert clock.slept == [slept, 2.0]


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (transient(is_retryable=False), 1),
        (ModelFailure("refused", status="400", is_retryable=False, retry_after_seconds=1.0), 1),
    ],
)
def test_retries_do_not_repeat_when_it_cannot_succeed_later(
    retries: RetryHandler, clock: FakeClock, failure: TransientFailure, attempts: int
) -> None:
    """What was refused for good is not asked for again."""
    operation, tries = failing(failure)

    with pytest.raises(type(failure)) as raised:
        retries.with_exponential_backoff(operation)

    assert raised.value is failure
    assert (failure.attempts, tries, clock.slept) == (attempts, [1], [])


@pytest.mark.parametrize("error", [ValueError("x"), StorageUnavailable(), KeyboardInterrupt()])
def test_retries_let_other_errors_pass_when_they_are_no_neighbours(
    retries: RetryHandler, clock: FakeClock, error: BaseException
) -> None:
    """A defect is not repeated, and neither is a refusal."""

    def operation() -> str:
        raise error

    with pytest.raises(type(error)):
        retries.with_exponential_backoff(operation)

    assert clock.slept == []


def test_retries_count_every_try_when_a_final_failure_follows(retries: RetryHandler) -> None:
    """The failure says how many tries there were, the first ones included."""
    operation, _ = failing(transient(), transient(is_retryable=False))

    with pytest.raises(TransientFailure) as raised:
        retries.with_exponential_backoff(operation)

    assert raised.value.attempts == 2


@pytest.mark.parametrize(
    ("deadline", "slept"), [(0.5, []), (1.0, []), (1.1, [1.0]), (3.0, [1.0]), (3.1, [1.0, 2.0]), (7.1, [1.0, 2.0, 4.0])]
)
def test_retries_begin_no_wait_when_it_would_end_after_the_deadline(
    retries: RetryHandler, clock: FakeClock, deadline: float, slept: list[float]
) -> None:
    """Nobody waits for a try that would come too late."""
    operation, tries = failing(*(transient() for _ in range(5)))

    with pytest.raises(TransientFailure) as raised:
        retries.with_exponential_backoff(operation, deadline=deadline)

    assert clock.slept == slept
    assert raised.value.attempts == len(tries) == len(slept) + 1


def test_retries_judge_the_deadline_by_the_asked_wait_when_there_is_one(
    retries: RetryHandler, clock: FakeClock
) -> None:
    """A `Retry-After` beyond the deadline ends it at once."""
    operation, _ = failing(transient(retry_after_seconds=20.0))

    with pytest.raises(TransientFailure):
        retries.with_exponential_backoff(operation, deadline=10.0)

    assert clock.slept == []
