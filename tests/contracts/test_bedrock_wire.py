"""What Bedrock is sent, and what becomes of everything that it may answer."""

from collections.abc import Iterator

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer
from domain.model.message import CallStatus, Role
from domain.model.value import CallId
from functions.adapters.aws import Aws
from functions.adapters.models.bedrock import READ_SECONDS, BedrockModel
from functions.adapters.models.reply import CUT_OFF
from functions.adapters.seam import IoSeam
from functions.adapters.system import SystemClock
from tests.support.bedrock_wire import answer, error
from tests.support.builders import make_message, make_request, make_tool_call
from tests.support.providers import MODEL_ID, WireProvider, bedrock
from tests.support.scripted_server import Act, Answers, Hangs, Json, Resets

TOOLS = REGISTRY[AgentType.ASK].tool_specs()
READ = ("read_file", {"path": "README.md"})
FAULTS: dict[str, tuple[Act, str]] = {
    "a connection that is reset": (Resets(), "connection"),
    "half an answer": (Answers(body=answer("Yes, " * 100), sent=0.5), "broken"),
    "a body that is no JSON": (Answers(body=b"<html>gateway</html>"), "broken"),
    "an empty body": (Answers(body=b""), "broken"),
    "a body that is nested too deeply": (Answers(body=b'{"output": ' + b"[" * 100_000), "broken"),
    "a body without an answer": (Answers(body={"usage": {}}), "broken"),
    "a gateway's page": (Answers(502, b"<html>bad gateway</html>"), "502"),
    "a model that is being loaded": (error(429, code="ModelNotReadyException"), "429"),
    "a model that took too long": (error(408), "408"),
    "a model that stumbled": (error(424), "424"),
    "a tool call out of format": (Answers(body=answer(stop="malformed_tool_use")), "malformed"),
    "an answer out of format": (Answers(body=answer("?", stop="malformed_model_output")), "malformed"),
}
STOPS = {
    "guardrail_intervened": "guardrail",
    "content_filtered": "content_filtered",
    "model_context_window_exceeded": "context_window",
    "max_tokens": "context_window",
}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireProvider]:
    """Return a Bedrock model."""
    with bedrock(monkeypatch) as made:
        yield made


def _complete(provider: WireProvider, *acts: Act | Json, **fields: object) -> ModelAnswer:
    provider.server.acts.extend(Answers(body=act) if isinstance(act, dict) else act for act in acts)
    return provider.model.complete(make_request(**{"messages": (make_message(),), "tools": TOOLS, **fields}))


def _failure(provider: WireProvider, act: Act | Json, **fields: object) -> ModelFailure:
    with pytest.raises(ModelFailure) as failed:
        _complete(provider, act, **fields)
    return failed.value


def test_request_names_model_system_and_tools(provider: WireProvider) -> None:
    """Model in the path, prompt as system, each tool with its schema."""
    _complete(provider, answer("Yes."))

    sent = provider.server.last
    assert sent.path == f"/model/{MODEL_ID.replace(':', '%3A')}/converse"
    assert sent.body["system"] == [{"text": "You test."}]
    assert sent.body["messages"] == [{"role": "user", "content": [{"text": "hello"}]}]
    assert [tool["toolSpec"]["name"] for tool in sent.body["toolConfig"]["tools"]] == [tool.name for tool in TOOLS]
    assert sent.body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"] == {"json": TOOLS[0].parameters}
    assert "guardrailConfig" not in sent.body


def test_results_of_one_answer_are_one_message_when_sent(provider: WireProvider) -> None:
    """Calls keep our ids; their results, and what the user said after them, are one message of the user."""
    calls = tuple(make_tool_call(f"9-{place}") for place in range(2))
    messages = (
        make_message(),
        make_message(Role.ASSISTANT, "Looking.", seq=9, tool_calls=calls),
        make_message(Role.TOOL, "", seq=10, tool_call_id=CallId("9-0")),
        make_message(Role.TOOL, "Gone.", seq=11, tool_call_id=CallId("9-1"), outcome=CallStatus.FAILED),
        make_message(content="And now?", seq=12, turn=2),
    )

    _complete(provider, answer("Yes."), messages=messages)

    _, asked, returned = provider.server.last.body["messages"]
    assert asked["content"] == [
        {"text": "Looking."},
        {"toolUse": {"toolUseId": "9-0", "name": "read_file", "input": {"path": "README.md"}}},
        {"toolUse": {"toolUseId": "9-1", "name": "read_file", "input": {"path": "README.md"}}},
    ]
    assert returned["content"] == [
        {"toolResult": {"toolUseId": "9-0", "content": [{"text": "[no output]"}]}},
        {"toolResult": {"toolUseId": "9-1", "content": [{"text": "Failed: Gone."}]}},
        {"text": "And now?"},
    ]


def test_schema_is_an_instruction_when_one_is_asked_for(provider: WireProvider) -> None:
    """A schema is put into words, and the JSON of the answer is taken out of the words around it."""
    said = 'Sure:\n```json\n{"agent": "ask"}\n```\nAnything else?'

    given = _complete(provider, answer(said), tools=(), response_schema={"type": "object"})

    assert given.text == '{"agent": "ask"}'
    assert '{"type": "object"}' in provider.server.last.body["system"][0]["text"]
    assert "toolConfig" not in provider.server.last.body


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_worth_another_try_when_the_provider_may_recover(provider: WireProvider, fault: str) -> None:
    """Whatever comes instead of an answer is a failure with a name, never an exception of the SDK."""
    act, status = FAULTS[fault]

    failed = _failure(provider, act)

    assert (failed.status, failed.is_retryable) == (status, True)


@pytest.mark.parametrize("stop", STOPS)
def test_stop_is_final_when_another_try_would_end_the_same(provider: WireProvider, stop: str) -> None:
    """A guardrail, a filter and a conversation that is too long end the call."""
    failed = _failure(provider, answer(stop=stop))

    assert (failed.status, failed.is_retryable) == (STOPS[stop], False)


def test_retry_after_is_passed_on_when_bedrock_asks_for_it(provider: WireProvider) -> None:
    """A throttled call waits as long as it was told to."""
    assert _failure(provider, error(429, **{"Retry-After": "7"})).retry_after_seconds == 7.0
    assert _failure(provider, error(429)).retry_after_seconds is None


def test_one_try_is_one_request_when_it_fails(provider: WireProvider) -> None:
    """Nothing is repeated by botocore itself: retries are counted, waited for and bounded in one place."""
    _failure(provider, error(503))

    assert len(provider.server.received) == 1


def test_text_says_so_when_it_was_cut_off(provider: WireProvider) -> None:
    """A reader sees that the answer has no end."""
    assert _complete(provider, answer("Once upon", stop="max_tokens")).text == f"Once upon{CUT_OFF}"


def test_last_call_has_no_arguments_when_it_was_cut_off(provider: WireProvider) -> None:
    """What is left of a file to write must never be written; the calls before it are whole."""
    cut = ("write_file", {"path": "a.py", "content": "half of"})

    given = _complete(provider, answer("", READ, cut, stop="max_tokens"))

    assert [(call.tool, call.arguments) for call in given.calls] == [READ, ("write_file", None)]


def test_half_surrogates_are_replaced_when_a_model_utters_them(provider: WireProvider) -> None:
    """Text that no encoding carries does not reach the store."""
    body = (
        b'{"output": {"message": {"role": "assistant", "content": [{"text": "a\\ud83d"}]}}, "stopReason": "end_turn"}'
    )

    given = _complete(provider, Answers(body=body))

    assert given.text == "a\ufffd"
    assert (given.usage.input_tokens, given.usage.output_tokens) == (0, 0)


def test_guardrail_is_named_when_the_deployment_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Id and version go with every call, also of an ARN, which has colons of its own."""
    arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123"
    with bedrock(monkeypatch, guardrail=f"{arn}:2") as provider:
        _complete(provider, answer("Yes."))

        sent = provider.server.last.body["guardrailConfig"]
    assert sent == {"guardrailIdentifier": arn, "guardrailVersion": "2"}


def test_name_is_the_id_when_the_model_is_given_by_arn() -> None:
    """Facts name the model, not the account."""
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0"

    assert BedrockModel(arn, "", Aws(IoSeam()), SystemClock()).name == "us.amazon.nova-pro-v1:0"


def test_failure_says_configuration_when_there_are_no_credentials(
    provider: WireProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment without leave to call anything is told from a provider that is down."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    failed = _failure(provider, answer("Yes."))

    assert (failed.status, failed.is_retryable) == ("configuration", False)
    assert provider.server.received == []


def test_patience_is_that_of_the_request_when_little_time_is_left(provider: WireProvider) -> None:
    """A short rest of the time is not overdrawn; each span has one client, made once."""
    seam = IoSeam()
    model = BedrockModel(MODEL_ID, "", Aws(seam), SystemClock())
    provider.server.acts.extend([Hangs(), Hangs(), Answers(body=answer("Yes."))])

    for _ in range(2):
        with pytest.raises(ModelFailure, match="in time"):
            model.complete(make_request(messages=(make_message(),), timeout_seconds=READ_SECONDS[0] + 0.9))
    model.complete(make_request(messages=(make_message(),), timeout_seconds=0.1))

    assert seam.requests == {"bedrock-runtime.Converse": 3}
