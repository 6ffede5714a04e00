"""What an OpenAI-compatible server is sent, and what becomes of everything that one may answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer
from domain.model.message import CallStatus, Role, Usage
from domain.model.value import CallId
from functions.adapters.aws import Aws
from functions.adapters.models.model_key import ModelKey
from functions.adapters.models.openai_compatible import OpenAiCompatibleModel
from functions.adapters.models.reply import CUT_OFF
from functions.adapters.seam import IoSeam
from functions.adapters.system import SystemClock
from tests.support.aws_transport import ScriptedAws
from tests.support.builders import make_message, make_request, make_tool_call
from tests.support.openai_wire import answer, error
from tests.support.providers import MODEL_ID, WireProvider, openai
from tests.support.scripted_server import Act, Answers, Drips, Json, Resets

TOOLS = REGISTRY[AgentType.ASK].tool_specs()
READ = ("read_file", {"path": "README.md"})
FAULTS: dict[str, tuple[Act, str]] = {
    "a connection that is reset": (Resets(), "connection"),
    "half an answer": (Answers(body=answer("Yes, " * 100), sent=0.5), "connection"),
    "no more than the head of an answer": (Answers(body=answer("Yes."), sent=0), "connection"),
    "blanks without end": (Drips(), "timeout"),
    "a body that is no JSON": (Answers(body=b"<html>gateway</html>"), "broken"),
    "a body that is no object": (Answers(body=b"[]"), "broken"),
    "an empty body": (Answers(body=b""), "broken"),
    "a body that is nested too deeply": (Answers(body=b"[" * 100_000), "broken"),
    "no choices": (Answers(body={"choices": []}), "broken"),
    "a choice without a message": (Answers(body={"choices": [{}]}), "broken"),
    "an error inside a success": (Answers(body={"error": {"code": 503, "message": "down"}}), "503"),
    "an error without a number": (Answers(body={"error": {"code": "odd"}}), "broken"),
    "a proxy's page": (Answers(502, b"<html>bad gateway</html>"), "502"),
    "a request that took too long": (error(408), "408"),
    "a gateway that waited in vain": (error(504), "504"),
}
FINAL = pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 422, 501])
ARGUMENTS: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "JSON": ('{"path": "a"}', {"path": "a"}),
    "cut off": ('{"path": "a', None),
    "no object": ("[1]", None),
    "words": ("path a", None),
    "nothing": ("", {}),
    "a number beyond measure": ("9" * 5000, None),
    "nested too deeply": ("[" * 100_000, None),
}


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    """Return a model that asks for no key."""
    with openai() as made:
        yield made


def _complete(provider: WireProvider, *acts: Act | Json, **fields: object) -> ModelAnswer:
    provider.server.acts.extend(Answers(body=act) if isinstance(act, dict) else act for act in acts)
    return provider.model.complete(make_request(**{"messages": (make_message(),), "tools": TOOLS, **fields}))


def _failure(provider: WireProvider, act: Act | Json, **fields: object) -> ModelFailure:
    with pytest.raises(ModelFailure) as failed:
        _complete(provider, act, **fields)
    return failed.value


def _with_message(**fields: Any) -> Json:
    body = answer()
    body["choices"][0]["message"].update(fields)
    return body


def test_request_names_model_system_and_tools(provider: WireProvider) -> None:
    """Model, prompt and tools are where every server looks for them; nothing that some would refuse."""
    _complete(provider, answer("Yes."))

    sent = provider.server.last
    assert sent.body.keys() == {"model", "messages", "tools"}
    assert sent.body["model"] == MODEL_ID
    assert sent.body["messages"] == [
        {"role": "system", "content": "You test."},
        {"role": "user", "content": "hello"},
    ]
    assert sent.body["tools"][0] == {
        "type": "function",
        "function": {
            "name": TOOLS[0].name,
            "description": TOOLS[0].description,
            "parameters": TOOLS[0].parameters,
        },
    }
    assert "Authorization" not in sent.headers


def test_calls_and_results_find_each_other_when_sent(provider: WireProvider) -> None:
    """Calls have ids that the strictest servers take, made of ours, so that they are the same in every request."""
    calls = tuple(make_tool_call(f"123-{place}") for place in range(2))
    messages = (
        make_message(),
        make_message(Role.ASSISTANT, seq=9, content="", tool_calls=calls),
        make_message(Role.TOOL, "", seq=10, tool_call_id=CallId("123-0")),
        make_message(Role.TOOL, "Gone.", seq=11, tool_call_id=CallId("123-1"), outcome=CallStatus.FAILED),
        make_message(content="And now?", seq=12, turn=2),
    )

    _complete(provider, answer("Yes."), messages=messages)

    _, _, asked, *rest = provider.server.last.body["messages"]
    assert [call["id"] for call in asked["tool_calls"]] == ["000012300", "000012301"]
    assert asked["content"] is None
    assert rest == [
        {"role": "tool", "tool_call_id": "000012300", "content": "[no output]"},
        {"role": "tool", "tool_call_id": "000012301", "content": "Failed: Gone."},
        {"role": "user", "content": "And now?"},
    ]


def test_schema_is_an_instruction_when_one_is_asked_for(provider: WireProvider) -> None:
    """No server needs to know a format for answers; the JSON is taken out of the words around it."""
    said = '<think>{"agent": "coder"}?</think> {"agent": "ask"}'

    given = _complete(provider, answer(said), tools=(), response_schema={"type": "object"})

    assert given.text == '{"agent": "ask"}'
    assert provider.server.last.body.keys() == {"model", "messages"}
    assert '{"type": "object"}' in provider.server.last.body["messages"][0]["content"]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_worth_another_try_when_the_server_may_recover(provider: WireProvider, fault: str) -> None:
    """Whatever comes instead of an answer is a failure with a name, never an exception of a library."""
    act, status = FAULTS[fault]
    patience = 0.5 if status == "timeout" else 30.0

    failed = _failure(provider, act, timeout_seconds=patience)

    assert (failed.status, failed.is_retryable) == (status, True)


def test_connection_is_refused_when_nobody_listens() -> None:
    """A server that is not there is a failure like any other."""
    with openai() as provider:
        pass

    failed = _failure(provider, answer())

    assert (failed.status, failed.is_retryable) == ("connection", True)


@FINAL
def test_status_is_final_when_another_try_would_end_the_same(provider: WireProvider, status: int) -> None:
    """What is wrong with the request or the key stays wrong; the answer's words are not repeated."""
    failed = _failure(provider, error(status))

    assert (failed.status, failed.is_retryable) == (str(status), False)
    assert "secret" not in str(failed)
    assert len(provider.server.received) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("soon", None), ("-1", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("", None)],
)
def test_retry_after_is_understood_in_both_forms(provider: WireProvider, header: str, seconds: float | None) -> None:
    """Seconds or a date, as the standard has it; anything else says nothing."""
    assert _failure(provider, error(429, **{"Retry-After": header})).retry_after_seconds == seconds


def test_content_filter_is_final(provider: WireProvider) -> None:
    """An answer that was withheld is withheld again."""
    failed = _failure(provider, answer("Half of", finish="content_filter"))

    assert (failed.status, failed.is_retryable) == ("content_filtered", False)


@pytest.mark.parametrize("given", ARGUMENTS)
def test_arguments_are_none_when_they_are_no_json_object(provider: WireProvider, given: str) -> None:
    """A model that gets its JSON wrong is told so by the domain; nothing crashes."""
    sent, expected = ARGUMENTS[given]

    (call,) = _complete(provider, answer("", ("read_file", sent))).calls

    assert (call.tool, call.arguments) == ("read_file", expected)


@pytest.mark.parametrize(
    "call",
    [{"function": None}, {}, None, {"function": {"name": None, "arguments": {"path": "a"}}}],
)
def test_call_is_passed_on_when_it_is_out_of_form(provider: WireProvider, call: Any) -> None:
    """A call without a name is refused by the domain, which tells the model."""
    (made,) = _complete(provider, _with_message(tool_calls=[call])).calls

    assert (made.tool, made.provider_id) == ("", None)


def test_content_is_read_in_every_form(provider: WireProvider) -> None:
    """Text comes as a string, in parts, or as a refusal."""
    parts = [{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}, {"type": "image_url"}]

    assert _complete(provider, _with_message(content=parts)).text == "in parts"
    assert _complete(provider, _with_message(content=None, refusal="I cannot.")).text == "I cannot."
    assert _complete(provider, _with_message(content=None)).is_empty


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None, "completion_tokens": "7"}, {"prompt_tokens": -1}])
def test_usage_is_zero_when_the_server_does_not_count(provider: WireProvider, usage: Any) -> None:
    """Servers on the own machine need not count."""
    assert _complete(provider, answer("Yes.") | {"usage": usage}).usage == Usage()


def test_half_surrogates_are_replaced_when_a_model_utters_them(provider: WireProvider) -> None:
    """Text that no encoding carries does not reach the store, wherever it stands."""
    call = {"id": "\ud83d", "function": {"name": "read\ud83d", "arguments": "{}"}}

    given = _complete(provider, _with_message(content="a\ud83d", tool_calls=[call]))

    assert given.text == "a\ufffd"
    assert (given.calls[0].tool, given.calls[0].provider_id) == ("read\ufffd", "\ufffd")


def test_text_says_so_when_it_was_cut_off(provider: WireProvider) -> None:
    """A reader sees that the answer has no end."""
    assert _complete(provider, answer("Once upon", finish="length")).text == f"Once upon{CUT_OFF}"


def test_last_call_has_no_arguments_when_it_was_cut_off(provider: WireProvider) -> None:
    """What is left of a file to write must never be written; the calls before it are whole."""
    cut = ("write_file", {"path": "a.py", "content": "half of"})

    given = _complete(provider, answer("", READ, cut, finish="length"))

    assert [(call.tool, call.arguments) for call in given.calls] == [READ, ("write_file", None)]


def test_conversation_is_too_long_when_nothing_could_be_said(provider: WireProvider) -> None:
    """A model without room for a word has none the next time either."""
    failed = _failure(provider, answer(finish="length"))

    assert (failed.status, failed.is_retryable) == ("context_window", False)


def test_requests_are_counted_when_they_are_sent() -> None:
    """The log of an invocation tells them beside those to AWS."""
    seam = IoSeam()
    with openai(seam=seam) as provider:
        _complete(provider, answer("Yes."))

    assert seam.requests == {"openai.ChatCompletions": 1}


def test_key_is_sent_and_fetched_anew_when_it_was_refused() -> None:
    """A key that was exchanged costs nobody an answer; one that stays wrong is asked for once."""
    kept = ScriptedAws(*({"Parameter": {"Value": value}} for value in ("old", "new")))
    with openai(key=ModelKey("/model/key", kept)) as provider:
        given = _complete(provider, error(401), answer("Yes."))
        failed = _failure(provider, error(401))
        keys = [received.headers["Authorization"] for received in provider.server.received]

    assert given.text == "Yes."
    assert (failed.status, failed.is_retryable) == ("401", False)
    assert keys == ["Bearer old", "Bearer new", "Bearer new"]


def test_address_is_the_same_when_it_ends_in_a_slash() -> None:
    """People write base URLs both ways."""
    with openai() as provider:
        seam = IoSeam()
        key = ModelKey("", Aws(seam))
        model = OpenAiCompatibleModel(MODEL_ID, f"{provider.server.url}/v1/", key, SystemClock(), seam)
        provider.server.acts.append(Answers(body=answer("Yes.")))

        assert model.complete(make_request(messages=(make_message(),))).text == "Yes."
