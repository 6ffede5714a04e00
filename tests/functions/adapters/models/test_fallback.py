"""Another model stands in when the first cannot answer."""

import pytest

from domain.model.circuit import CircuitChange, FailedModel
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from functions.adapters.models.failures import failure
from functions.adapters.models.fallback import FallbackModelClient
from tests.support.builders import make_request, text
from tests.support.fakes import FakeClock, ScriptedModel

FALLS_OVER = ("timeout", "connection", "broken", "500", "503", "429", "424", "malformed", "empty", "circuit_open")
FALLS_OVER_FOR_GOOD = ("400", "401", "403", "404", "configuration", "context_window")


class Second(ScriptedModel):
    """The model behind the first."""

    name = "second"


def opened(status: str) -> ModelFailure:
    """Return a failure whose last try opened the circuit."""
    failed = failure(status, "Down.")
    failed.circuit = (CircuitChange.OPENED,)
    return failed


@pytest.mark.parametrize("status", [*FALLS_OVER, *FALLS_OVER_FOR_GOOD])
def test_second_model_answers_when_the_first_cannot(status: str) -> None:
    """The answer says instead of which model it came, and why."""
    second = Second(text("Hello."))

    answer = FallbackModelClient(ScriptedModel(opened(status)), second, FakeClock()).complete(make_request())

    assert answer.text == "Hello."
    assert answer.instead_of == FailedModel(model="scripted", status=status, circuit=(CircuitChange.OPENED,))


def test_second_model_is_not_asked_when_the_first_answers() -> None:
    """One call is one bill."""
    second = Second()

    answer = FallbackModelClient(ScriptedModel(text("Hello.")), second, FakeClock()).complete(make_request())

    assert (answer.instead_of, second.requests) == (None, [])


@pytest.mark.parametrize("status", ["guardrail", "content_filtered"])
def test_second_model_is_not_asked_when_the_conversation_was_stopped_on_purpose(status: str) -> None:
    """A fallback is no way round a guardrail."""
    second = Second(text("Hello."))

    with pytest.raises(ModelFailure) as raised:
        FallbackModelClient(ScriptedModel(failure(status, "No.")), second, FakeClock()).complete(make_request())

    assert (raised.value.status, second.requests) == (status, [])


def test_failure_names_both_models_when_neither_answers() -> None:
    """The second's failure is told, and the first's with it."""
    client = FallbackModelClient(ScriptedModel(opened("503")), Second(failure("429", "Busy.")), FakeClock())

    with pytest.raises(ModelFailure) as raised:
        client.complete(make_request())

    before = FailedModel(model="scripted", status="503", circuit=(CircuitChange.OPENED,))
    assert (raised.value.model, raised.value.status, raised.value.instead_of) == ("second", "429", before)


@pytest.mark.parametrize(("budget", "first", "second"), [(116.0, 66.0, 50.0), (55.0, 27.5, 27.5)])
def test_second_model_has_time_when_the_first_takes_all_of_its_own(budget: float, first: float, second: float) -> None:
    """One try is kept for it, or half of what there is."""
    clock = FakeClock()
    given: list[float] = []

    def hang(request: ModelRequest) -> ModelAnswer:
        given.append(request.budget_seconds)
        clock.advance(request.budget_seconds)
        raise failure("timeout", "Silence.")

    def reply(request: ModelRequest) -> ModelAnswer:
        given.append(request.budget_seconds)
        return text()

    FallbackModelClient(ScriptedModel(hang), Second(reply), clock).complete(make_request(budget_seconds=budget))

    assert given == [first, second]
