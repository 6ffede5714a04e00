"""A model client that does not give up at once."""

import pytest

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from functions.adapters.models.resilient import OPERATION, ResilientModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam, Phase
from tests.support.builders import calls, make_request, reads, text
from tests.support.fakes import CountingIds, FakeClock, ScriptedModel


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still until somebody waits."""
    return FakeClock()


@pytest.fixture
def seam() -> IoSeam:
    """Return a seam that has seen nothing."""
    return IoSeam()


def resilient(inner: ScriptedModel, clock: FakeClock, seam: IoSeam) -> ResilientModelClient:
    """Return `inner` with repeats around it."""
    return ResilientModelClient(inner, RetryHandler(clock, CountingIds()), clock, seam)


def failure(*, is_retryable: bool = True, retry_after_seconds: float | None = None) -> ModelFailure:
    """Return what a provider's failure becomes."""
    return ModelFailure("failed", status="503", is_retryable=is_retryable, retry_after_seconds=retry_after_seconds)


@pytest.mark.parametrize("answer", [text("Hello."), calls(*reads("a.py")), calls(*reads("a.py"), saying="Look.")])
def test_model_answers_at_once_when_nothing_fails(clock: FakeClock, seam: IoSeam, answer: ModelAnswer) -> None:
    """An answer in words or in calls passes as it is, and says that one try was enough."""
    inner = ScriptedModel(answer)

    given = resilient(inner, clock, seam).complete(make_request())

    assert given == answer.model_copy(update={"attempts": 1})
    assert (len(inner.requests), clock.slept) == (1, [])


def test_model_has_the_name_of_the_one_inside(clock: FakeClock, seam: IoSeam) -> None:
    """Facts and prices know the model, not what stands around it."""
    assert resilient(ScriptedModel(), clock, seam).name == "scripted"


def test_model_is_asked_again_when_it_failed_for_a_moment(clock: FakeClock, seam: IoSeam) -> None:
    """Three repeats with growing waits; the answer says how many tries it took."""
    inner = ScriptedModel(failure(), failure(), failure(), text("Hello."))

    given = resilient(inner, clock, seam).complete(make_request())

    assert (given.text, given.attempts) == ("Hello.", 4)
    assert clock.slept == [1.0, 2.0, 4.0]


def test_model_failure_passes_when_four_tries_failed(clock: FakeClock, seam: IoSeam) -> None:
    """The last failure is the caller's, and says how many tries there were."""
    last = failure()

    with pytest.raises(ModelFailure) as raised:
        resilient(ScriptedModel(failure(), failure(), failure(), last), clock, seam).complete(make_request())

    assert raised.value is last
    assert raised.value.attempts == 4


def test_model_is_not_asked_again_when_it_refused_for_good(clock: FakeClock, seam: IoSeam) -> None:
    """A request that is wrong stays wrong."""
    inner = ScriptedModel(failure(is_retryable=False), text("Hello."))

    with pytest.raises(ModelFailure):
        resilient(inner, clock, seam).complete(make_request())

    assert (len(inner.requests), clock.slept) == (1, [])


def test_model_is_asked_again_after_the_time_it_asked_for(clock: FakeClock, seam: IoSeam) -> None:
    """A provider that says when to come again is believed."""
    inner = ScriptedModel(failure(retry_after_seconds=7.0), text("Hello."))

    resilient(inner, clock, seam).complete(make_request())

    assert clock.slept == [7.0]


def test_model_is_asked_again_when_it_answered_nothing(clock: FakeClock, seam: IoSeam) -> None:
    """An answer with neither words nor calls is a failure too."""
    inner = ScriptedModel(text(""), text("Hello."))

    given = resilient(inner, clock, seam).complete(make_request())

    assert (given.text, given.attempts) == ("Hello.", 2)


def test_model_failure_says_empty_when_it_never_answered_anything(clock: FakeClock, seam: IoSeam) -> None:
    """What the log says of it is what happened."""
    inner = ScriptedModel(*(text("") for _ in range(4)))

    with pytest.raises(ModelFailure) as raised:
        resilient(inner, clock, seam).complete(make_request())

    assert (raised.value.status, raised.value.attempts) == ("empty", 4)


@pytest.mark.parametrize(("budget", "tries"), [(0.5, 1), (1.0, 1), (2.9, 2), (3.1, 3), (60.0, 4)])
def test_model_is_asked_as_often_as_the_budget_allows(
    clock: FakeClock, seam: IoSeam, budget: float, tries: int
) -> None:
    """All tries together, waits included, stay within the request's time."""
    inner = ScriptedModel(*(failure() for _ in range(4)))

    with pytest.raises(ModelFailure) as raised:
        resilient(inner, clock, seam).complete(make_request(budget_seconds=budget))

    assert raised.value.attempts == len(inner.requests) == tries


def test_each_try_has_no_more_time_than_is_left(clock: FakeClock, seam: IoSeam) -> None:
    """A try's own limit shrinks with the budget, down to a tenth of a second, and the request stays as it was."""

    def slow(_: ModelRequest) -> ModelAnswer:
        clock.advance(4.0)
        raise failure(retry_after_seconds=0.0)

    def late(_: ModelRequest) -> ModelAnswer:
        clock.advance(1.95)
        raise failure(retry_after_seconds=0.0)

    inner = ScriptedModel(slow, slow, late, text("Hello."))
    request = make_request(timeout_seconds=5.0, budget_seconds=10.0)

    resilient(inner, clock, seam).complete(request)

    assert [given.timeout_seconds for given in inner.requests] == pytest.approx([5.0, 5.0, 2.0, 0.1])
    assert {given.model_copy(update={"timeout_seconds": 5.0}) == request for given in inner.requests} == {True}


def test_each_try_passes_the_seam(clock: FakeClock, seam: IoSeam) -> None:
    """A fault can be put before or after any try, and one that failed says so."""
    told: list[tuple[Phase, str]] = []
    seam.listen(lambda phase, operation: told.append((phase, operation)))

    resilient(ScriptedModel(failure(), text("Hello.")), clock, seam).complete(make_request())

    assert told == [(phase, OPERATION) for phase in (Phase.BEFORE, Phase.FAILED, Phase.BEFORE, Phase.AFTER)]


def test_answer_tells_what_every_try_did_to_the_circuit(clock: FakeClock, seam: IoSeam) -> None:
    """A circuit that one try opened and a later one closed is told whole, in order."""
    opening = failure()
    opening.circuit = (CircuitChange.OPENED,)
    closing = text("Hello.").model_copy(update={"circuit": (CircuitChange.CLOSED,)})

    given = resilient(ScriptedModel(opening, closing), clock, seam).complete(make_request())

    assert given.circuit == (CircuitChange.OPENED, CircuitChange.CLOSED)


def test_failure_tells_what_every_try_did_to_the_circuit(clock: FakeClock, seam: IoSeam) -> None:
    """The last failure speaks for those before it."""
    opening, last = failure(), failure(is_retryable=False)
    opening.circuit = (CircuitChange.OPENED,)

    with pytest.raises(ModelFailure) as raised:
        resilient(ScriptedModel(opening, last), clock, seam).complete(make_request())

    assert raised.value.circuit == (CircuitChange.OPENED,)
