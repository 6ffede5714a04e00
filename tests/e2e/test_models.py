"""The deployed system with a model on this machine: a server that speaks OpenAI's format, keys and faults included."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.environment import model_variables
from infra.local.model import requested_model
from tests.e2e.user import User
from tests.support import openai_wire
from tests.support.figures import Figures
from tests.support.openai_wire import answer, error
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scripted_server import Answers, ScriptedServer, served

KEY = "sk-a-key-of-this-test"
MOST_SECONDS = 10.0
"""Twice what is promised, so that a busy machine does not fail the test; the time itself is printed."""
ROUTE = {"agent": "ask", "confidence": 0.9, "is_atomic": True, "reason": "A question."}


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    """A model server that answers what it is told to."""
    with served(openai_wire.refusal) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The system as `MODEL=openai MODEL_BASE_URL=… make up` starts it, its roles enforced."""
    variables = {"MODEL": "openai", "MODEL_BASE_URL": f"{server.url}/v1", "MODEL_API_KEY": KEY}
    model = requested_model(model_variables(variables))
    with LocalCloud.start(tmp_path_factory.mktemp("models"), auth=True, model=model) as running:
        yield running


@pytest.fixture
def alice(cloud: LocalCloud, http: httpx.Client) -> User:
    """A signed-in user of that system."""
    return User(http, cloud.endpoint.url, cloud.endpoint.tokens["alice"])


def _facts(user: User, session: str, *types: str) -> list[str]:
    return [event["type"] for event in user.events(session) if event["type"] in types]


@dataclass(frozen=True)
class _FailedTurn:
    """How a turn failed for want of a model.

    Attributes:
        asked: Requests that the model server got meanwhile.
        is_refused_at_once: Whether the turn says that nobody was asked. The circuit lets a call through every 3 s, so
            on a slow machine the turn after the one that opened it may be that call.
    """

    asked: int
    is_refused_at_once: bool


def _failed_turn(user: User, session: str, server: ScriptedServer) -> _FailedTurn:
    asked = len(server.received)
    user.say(session, "Are you there?")
    turn = user.settled(session)["turn"]
    assert (turn["status"], turn["error"]["code"]) == ("failed", "MODEL_UNAVAILABLE")
    failures = [event["data"] for event in user.events(session) if event["type"] == "LlmRequestFailed"]
    told = failures[-1]["status"], failures[-1]["attempt"]
    return _FailedTurn(len(server.received) - asked, told == ("circuit_open", 1))


def test_conversation_is_held_when_the_model_is_on_this_machine(alice: User, server: ScriptedServer) -> None:
    """Routing, two calls at once, a stumble and the answer: each round reaches the server and comes back."""
    server.acts.extend(
        [
            Answers(body=answer(json.dumps(ROUTE), usage=(100, 20))),
            error(429, **{"Retry-After": "0"}),
            Answers(body=answer("", ("read_file", {"path": "a.md"}), ("read_file", {"path": "b.md"}), usage=(200, 30))),
            Answers(body=answer("Half an", usage=(1, 1)), sent=0.5),
            Answers(body=answer("Both say hello.", usage=(300, 40))),
        ]
    )
    session = alice.create()

    alice.say(session, "What do a.md and b.md say?")
    alice.settled(session)
    for call in alice.messages(session)[-1]["tool_calls"]:
        alice.post(f"{session}/tool-results", {"call_id": call["call_id"], "result": "hello"})
    alice.settled(session)
    completed = [event["data"] for event in alice.events(session) if event["type"] == "LlmRequestCompleted"]
    roles = [message["role"] for message in server.last.body["messages"]]

    assert alice.messages(session)[-1]["content"] == "Both say hello."
    assert [(fact["input_tokens"], fact["output_tokens"]) for fact in completed] == [(100, 20), (200, 30), (300, 40)]
    assert [fact["attempt"] for fact in completed] == [1, 2, 2]
    assert {(fact["model"], fact.get("cost_micro_usd")) for fact in completed} == {(openai_wire.LISTED, None)}
    assert roles == ["system", "user", "assistant", "tool", "tool"]
    assert {received.headers["Authorization"] for received in server.received} == {f"Bearer {KEY}"}


def test_circuit_opens_and_closes_in_the_log_when_the_model_goes_and_comes_back(
    alice: User, server: ScriptedServer, figures: Figures
) -> None:
    """While the model is down turns fail at once; when it is back, the next ones are answered."""
    session = alice.create(agent="ask")
    deadline = time.monotonic() + PATIENCE_SECONDS
    server.acts.extend([error(503)] * 1000)
    while not (refused := _failed_turn(alice, session, server)).is_refused_at_once:
        assert time.monotonic() < deadline
    server.acts.clear()
    server.acts.extend([Answers(body=answer("Here I am."))] * 1000)
    back = time.monotonic()

    while not _facts(alice, session, "ModelCircuitClosed"):
        assert time.monotonic() < deadline
        alice.say(session, "Are you back?")
        alice.settled(session)
    recovery = time.monotonic() - back
    figures.note("a model that came back", answered_again_after_seconds=recovery)
    server.acts.clear()
    statuses = [event["data"]["status"] for event in alice.events(session) if event["type"] == "LlmRequestFailed"]

    assert refused.asked == 0
    assert recovery < MOST_SECONDS
    assert statuses[0] == "503"
    assert statuses[-1] == "circuit_open"
    assert _facts(alice, session, "ModelCircuitOpened", "ModelCircuitClosed") == [
        "ModelCircuitOpened",
        "ModelCircuitClosed",
    ]
    assert alice.messages(session)[-1]["content"] == "Here I am."
