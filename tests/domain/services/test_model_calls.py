"""Calling a model: measured, priced, and told as facts."""

import pytest

from domain.model.circuit import CircuitChange, FailedModel
from domain.model.errors import ModelFailure
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed, ModelCircuitClosed, ModelCircuitOpened
from domain.model.llm import ModelAnswer, ModelRequest
from domain.services.model_calls import ModelCalls
from tests.support.builders import calls, make_request, reads, text, unavailable
from tests.support.fakes import FakeClock, ScriptedModel


class SlowModel:
    """Takes its time, then answers or fails."""

    name = "slow"

    def __init__(self, clock: FakeClock, outcome: ModelAnswer | ModelFailure) -> None:
        self._clock = clock
        self._outcome = outcome

    def complete(self, _: ModelRequest) -> ModelAnswer:
        """Answer after 1.2345 s."""
        self._clock.advance(1.2345)
        if isinstance(self._outcome, ModelFailure):
            raise self._outcome
        return self._outcome


@pytest.mark.parametrize("purpose", ["route", "answer"])
def test_call_tells_tokens_time_and_tries_when_the_model_answers(purpose: str) -> None:
    """The answer comes with a fact about what it cost."""
    clock = FakeClock()
    answer = text(input_tokens=11, output_tokens=4).model_copy(update={"attempts": 2, "model": "m-1"})

    call = ModelCalls(SlowModel(clock, answer), clock).call(make_request(), purpose=purpose)

    assert call.answer == answer
    assert call.facts == (
        LlmRequestCompleted(
            purpose=purpose, model="m-1", input_tokens=11, output_tokens=4, duration_ms=1234, attempt=2
        ),
    )


@pytest.mark.parametrize("status", ["503", "timeout", "empty"])
def test_call_tells_the_failure_when_the_model_does_not_answer(status: str) -> None:
    """A failure is a fact, not an exception, and names the last status, the time and the tries."""
    clock = FakeClock()

    call = ModelCalls(SlowModel(clock, unavailable(status)), clock).call(make_request(), purpose="answer")

    assert call.answer is None
    assert call.facts == (LlmRequestFailed(purpose="answer", model="slow", status=status, duration_ms=1234, attempt=4),)


@pytest.mark.parametrize("said", ["", " ", "\n\t "])
def test_call_tells_a_failure_when_the_answer_is_empty(said: str) -> None:
    """An answer without words and calls is none, whoever let it through: providers refuse it in later histories."""
    call = ModelCalls(ScriptedModel(text(said)), FakeClock()).call(make_request(), purpose="answer")

    assert call.answer is None
    assert call.facts == (
        LlmRequestFailed(purpose="answer", model="scripted", status="empty", duration_ms=0, attempt=1),
    )


def test_call_is_priced_when_the_models_price_is_known() -> None:
    """Tokens become money by the one table; the offline model costs nothing, and what is unknown is not guessed."""
    said = text(input_tokens=1_000, output_tokens=1_000)
    answers = [said.model_copy(update={"model": name}) for name in ("gpt-4o", "offline", "a model of our own")]
    models = ModelCalls(ScriptedModel(*answers), FakeClock())

    facts = [fact for _ in answers for fact in models.call(make_request(), purpose="answer").facts]

    assert [fact.cost_micro_usd for fact in facts if isinstance(fact, LlmRequestCompleted)] == [12_500, 0, None]


def test_call_tells_what_it_did_to_the_circuit_when_it_failed_or_answered() -> None:
    """What all workers are told by a circuit stands in the log of the session whose call did it, in order."""
    failure = unavailable()
    failure.circuit = (CircuitChange.OPENED,)
    answer = text().model_copy(update={"circuit": (CircuitChange.OPENED, CircuitChange.CLOSED)})
    models = ModelCalls(ScriptedModel(failure, answer), FakeClock())

    failed, answered = (models.call(make_request(), purpose="answer").facts for _ in range(2))

    assert [type(fact) for fact in failed] == [LlmRequestFailed, ModelCircuitOpened]
    assert [type(fact) for fact in answered] == [LlmRequestCompleted, ModelCircuitOpened, ModelCircuitClosed]
    assert failed[1] == ModelCircuitOpened(model="scripted")


def test_call_is_an_answer_when_it_has_calls_and_no_words() -> None:
    """Most calls come without words."""
    answer = calls(*reads("a.py"))

    assert ModelCalls(ScriptedModel(answer), FakeClock()).call(make_request(), purpose="answer").answer == answer


def test_defect_of_a_model_client_is_not_hidden_when_it_raises() -> None:
    """Only failures of the provider are facts; a bug must be seen."""
    model = ScriptedModel(KeyError("bug"))

    with pytest.raises(KeyError):
        ModelCalls(model, FakeClock()).call(make_request(), purpose="answer")


def test_call_tells_both_models_when_one_stands_in() -> None:
    """The fact names who answered, and who could not and why; each circuit is its own model's."""
    clock = FakeClock()
    before = FailedModel(model="first", status="503", circuit=(CircuitChange.OPENED,))
    answer = text().model_copy(update={"model": "second", "instead_of": before, "circuit": (CircuitChange.CLOSED,)})

    completed, opened, closed = ModelCalls(SlowModel(clock, answer), clock).call(make_request(), purpose="answer").facts

    assert isinstance(completed, LlmRequestCompleted)
    assert (completed.model, completed.instead_of, completed.instead_status) == ("second", "first", "503")
    assert (opened, closed) == (ModelCircuitOpened(model="first"), ModelCircuitClosed(model="second"))


def test_call_tells_both_models_when_neither_answers() -> None:
    """The failure is the second's; the first's stands beside it."""
    clock = FakeClock()
    failed = unavailable("429")
    failed.model, failed.instead_of = "second", FailedModel(model="first", status="circuit_open")

    (fact,) = ModelCalls(SlowModel(clock, failed), clock).call(make_request(), purpose="answer").facts

    assert isinstance(fact, LlmRequestFailed)
    assert (fact.model, fact.status) == ("second", "429")
    assert (fact.instead_of, fact.instead_status) == ("first", "circuit_open")
