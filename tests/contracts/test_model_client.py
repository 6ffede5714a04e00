"""`ModelClient`: the offline one, and the real ones against servers of their formats."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import CallStatus, Message, Role, Usage
from domain.model.value import CallId
from domain.services import routing
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam
from tests.support.builders import DEPLOYMENT, make_message, make_request, make_tool_call
from tests.support.fakes import CountingIds, FakeClock
from tests.support.providers import Fails, OfflineProvider, Provider, Says, bedrock, openai

TOOLS = REGISTRY[AgentType.CODER].tool_specs()
READ = ("read_file", {"path": "README.md"})
LIST = ("list_files", {"path": "src", "pattern": "*.py"})
NOT_ANSWERED = pytest.mark.parametrize(
    ("status", "is_retryable"),
    [("429", True), ("500", True), ("503", True), ("timeout", True), ("400", False), ("403", False), ("404", False)],
)


@pytest.fixture(params=["offline", "bedrock", "openai"])
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Return each model in turn."""
    match request.param:
        case "bedrock":
            with bedrock(monkeypatch) as made:
                yield made
        case "openai":
            with openai() as made:
                yield made
        case _:
            yield OfflineProvider()


def _ask(provider: Provider, *messages: Message, **fields: object) -> ModelAnswer:
    request = make_request(messages=messages, **{"tools": TOOLS, **fields})
    return provider.model.complete(request)


def _user(content: str) -> Message:
    return make_message(content=content)


def _assistant(*calls: tuple[str, dict[str, Any]], content: str = "", seq: int = 9) -> Message:
    return make_message(
        Role.ASSISTANT,
        content,
        seq=seq,
        tool_calls=tuple(
            make_tool_call(f"{seq}-{place}", tool=tool, arguments=arguments)
            for place, (tool, arguments) in enumerate(calls)
        ),
    )


def _result(call_id: str, content: str, outcome: CallStatus = CallStatus.DONE) -> Message:
    return make_message(Role.TOOL, content, seq=12, tool_call_id=CallId(call_id), outcome=outcome)


def test_text_is_returned_as_it_was_said(provider: Provider) -> None:
    """An answer in words carries the words, whatever the alphabet, and the name of the model."""
    said = provider.prepare(Says("Готово: naïve 日本 🙂"))

    answer = _ask(provider, _user(said))

    assert (answer.text, answer.calls) == ("Готово: naïve 日本 🙂", ())
    assert answer.model == provider.model.name


def test_call_is_returned_with_its_arguments(provider: Provider) -> None:
    """A tool call carries the tool's name and its arguments as an object."""
    said = provider.prepare(Says(calls=(READ,)))

    (call,) = _ask(provider, _user(said)).calls

    assert (call.tool, call.arguments) == READ


def test_parallel_calls_are_returned_in_the_models_order(provider: Provider) -> None:
    """Several calls of one answer stay in order, beside what is said with them."""
    said = provider.prepare(Says("Looking.", calls=(READ, LIST, READ)))

    answer = _ask(provider, _user(said))

    assert answer.text == "Looking."
    assert [(call.tool, call.arguments) for call in answer.calls] == [READ, LIST, READ]


def test_unknown_tool_is_passed_on(provider: Provider) -> None:
    """What a model may call is for the domain to say, which tells the model why not."""
    said = provider.prepare(Says(calls=(("format_disk", {"now": True}),)))

    (call,) = _ask(provider, _user(said)).calls

    assert (call.tool, call.arguments) == ("format_disk", {"now": True})


def test_history_is_understood_when_it_holds_calls_and_results(provider: Provider) -> None:
    """Calls, each with its result, failed and empty ones included, lead to the next answer."""
    said = provider.prepare(Says(calls=(READ, LIST)), Says("Both are there."))
    _ask(provider, _user(said))

    answer = _ask(
        provider,
        _user(said),
        _assistant(READ, LIST, content="Looking."),
        _result("9-0", ""),
        _result("9-1", "No such folder.", CallStatus.FAILED),
    )

    assert answer.text == "Both are there."


def test_history_is_understood_when_it_is_an_odd_one(provider: Provider) -> None:
    """A beginning that was cut off, names that are none, neighbours of one role, a question that was given up."""
    said = provider.prepare(Says("Fine."))

    answer = _ask(
        provider,
        _assistant(content="…and that was it.", seq=3),
        _user("First."),
        _assistant(("no such/tool!", {}), content=" ", seq=5),
        _result("5-0", "Refused: there is no such tool.", CallStatus.REFUSED),
        _assistant(READ, seq=7),
        _result("7-0", "Cancelled.", CallStatus.CANCELLED),
        _user("Second."),
        make_message(content=said, seq=20, turn=3),
    )

    assert answer.text == "Fine."


def test_history_is_understood_when_no_tools_are_offered(provider: Provider) -> None:
    """Who routes sees earlier calls too, and has no tools to declare for them."""
    decision = {"agent": "ask", "confidence": 1, "is_atomic": True, "reason": "A question."}
    said = provider.prepare(Says(json.dumps(decision)))
    messages = (
        _user("Look."),
        _assistant(READ),
        _result("9-0", "# Read me"),
        make_message(content=said, seq=20, turn=2),
    )

    answer = provider.model.complete(routing.routing_request(messages, DEPLOYMENT))

    assert routing.decide(answer, messages, DEPLOYMENT).agent is AgentType.ASK


def test_routing_answer_fits_the_schema(provider: Provider) -> None:
    """An answer to a request with a schema is JSON that the domain can read."""
    decision = {"agent": "ask", "confidence": 0.75, "is_atomic": True, "reason": "A question."}
    messages = (_user(provider.prepare(Says(json.dumps(decision)))),)

    route = routing.decide(provider.model.complete(routing.routing_request(messages, DEPLOYMENT)), messages, DEPLOYMENT)

    assert (route.agent, route.is_fallback) == (AgentType.ASK, False)


def test_usage_is_the_providers_count(provider: Provider) -> None:
    """Tokens are those that the provider will bill."""
    said = provider.prepare(Says("Yes.", usage=(1234, 56)))

    assert _ask(provider, _user(said)).usage == Usage(input_tokens=1234, output_tokens=56)


@NOT_ANSWERED
def test_failure_says_whether_it_is_worth_another_try(provider: Provider, status: str, is_retryable: bool) -> None:
    """Every failure is a `ModelFailure` with the provider's status; none repeats what was said."""
    said = provider.prepare(Fails(status))

    with pytest.raises(ModelFailure) as failed:
        _ask(provider, _user(said), timeout_seconds=provider.timeout_seconds)

    assert (failed.value.status, failed.value.is_retryable) == (status, is_retryable)
    assert "secret" not in str(failed.value)


def test_next_call_is_answered_when_one_has_failed(provider: Provider) -> None:
    """A failure leaves the client as good as new."""
    failing, fine = provider.prepare(Fails("500")), provider.prepare(Says("Fine."))
    with pytest.raises(ModelFailure):
        _ask(provider, _user(failing))

    assert _ask(provider, _user(fine)).text == "Fine."


def test_empty_answer_is_a_failure_when_it_stays_empty(provider: Provider) -> None:
    """An answer without words and calls is asked for again, then given up."""
    clock = FakeClock()
    client = ResilientModelClient(provider.model, RetryHandler(clock, CountingIds()), clock, IoSeam())
    said = provider.prepare(*[Says(" ")] * 4)
    request: ModelRequest = make_request(messages=(_user(said),))

    with pytest.raises(ModelFailure) as failed:
        client.complete(request)

    assert (failed.value.status, failed.value.attempts) == ("empty", 4)
