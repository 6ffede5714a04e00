"""The three models behind one face, so that one suite can put the same questions to all of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from domain.ports import ModelClient
from functions.adapters.aws import Aws
from functions.adapters.models.bedrock import BedrockModel
from functions.adapters.models.model_key import ModelKey
from functions.adapters.models.offline import OfflineModel
from functions.adapters.models.openai_compatible import OpenAiCompatibleModel
from functions.adapters.seam import IoSeam
from functions.adapters.system import SystemClock
from tests.support import bedrock_wire, openai_wire
from tests.support.fakes import FakeClock
from tests.support.scripted_server import Act, Answers, Hangs, ScriptedServer, served

MODEL_ID = "test.model-v1:0"


@dataclass(frozen=True)
class Says:
    """A round in which the model answers.

    Attributes:
        calls: Tool and arguments of each call.
        usage: Tokens in and out.
    """

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    usage: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Fails:
    """A round in which it does not: an HTTP status, or `timeout`."""

    status: str


Round = Says | Fails


class Provider(Protocol):
    """A model under test.

    Attributes:
        model: The adapter.
        timeout_seconds: What makes it give up soon.
    """

    model: ModelClient
    timeout_seconds: float

    def prepare(self, *rounds: Round) -> str:
        """Make the model answer so from now on; return what the user must say for that."""
        ...


class OfflineProvider:
    """The offline model: told by directives."""

    timeout_seconds = 1.0

    def __init__(self) -> None:
        self.model: ModelClient = OfflineModel(FakeClock())

    def prepare(self, *rounds: Round) -> str:
        """Return directives."""
        return " [[then]] ".join(map(_directives, rounds))


def _directives(round_: Round) -> str:
    if isinstance(round_, Fails):
        return "[[delay 5]]" if round_.status == "timeout" else f"[[fail {round_.status}]]"
    if round_.text.startswith("{"):
        return f"[[agent {json.loads(round_.text)['agent']}]]"
    calls = "".join(f"[[tool {tool} {json.dumps(arguments)}]]" for tool, arguments in round_.calls)
    said = "" if round_.calls and not round_.text else f"[[say {round_.text}]]"
    return f"{calls}{said}[[usage {round_.usage[0]} {round_.usage[1]}]]"


class WireProvider:
    """A model behind a server that speaks a provider's format."""

    def __init__(self, model: ModelClient, server: ScriptedServer, wire: Any, timeout_seconds: float) -> None:
        self.model = model
        self.server = server
        self.wire = wire
        self.timeout_seconds = timeout_seconds

    def prepare(self, *rounds: Round) -> str:
        """Write the server's script."""
        self.server.acts.extend(map(self._act, rounds))
        return "Do it."

    def _act(self, round_: Round) -> Act:
        if isinstance(round_, Says):
            return Answers(body=self.wire.answer(round_.text, *round_.calls, usage=round_.usage))
        if round_.status == "timeout":
            return Hangs()
        answer: Answers = self.wire.error(int(round_.status))
        return answer


@contextmanager
def bedrock(monkeypatch: pytest.MonkeyPatch, *, guardrail: str = "") -> Iterator[WireProvider]:
    """Return a Bedrock model whose clients talk to a server of ours and to nothing else."""
    with served(bedrock_wire.refusal) as server:
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        model = BedrockModel(MODEL_ID, guardrail, Aws(IoSeam()), SystemClock())
        yield WireProvider(model, server, bedrock_wire, 1.0)


@contextmanager
def openai(*, key: ModelKey | None = None, seam: IoSeam | None = None) -> Iterator[WireProvider]:
    """Return a model of an OpenAI-compatible server, which asks for no key unless one is given."""
    with served(openai_wire.refusal) as server:
        seam = seam or IoSeam()
        model = OpenAiCompatibleModel(MODEL_ID, f"{server.url}/v1", key or ModelKey("", Aws(seam)), SystemClock(), seam)
        yield WireProvider(model, server, openai_wire, 0.2)
