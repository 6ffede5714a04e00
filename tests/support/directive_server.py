"""The offline model behind a server that speaks OpenAI's format: a provider elsewhere that follows directives.

So a conversation that is steered by directives can be held over the OpenAI-compatible adapter as it is held with the
offline model in the process; whatever an agent needs has to come through the provider's format then.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.model.errors import ModelFailure
from domain.model.llm import ModelRequest, RequestedCall, ToolSpec
from domain.model.message import CallStatus, Message, Role, ToolCall
from domain.model.value import CallId
from functions.adapters.models.offline import OfflineModel
from functions.adapters.models.offline.directives import parse
from functions.adapters.system import SystemClock
from tests.support import openai_wire
from tests.support.scripted_server import Answers, Json, Received

LONGEST_SECONDS = 50.0
_SCHEMA = "It must fit this JSON schema:\n"
"""How the system prompt introduces the schema of an answer; see `functions.adapters.models.dialogue`."""
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class DirectiveModel:
    """Answers requests by what directives say; callable as a refusal of `served`, so that no script is needed.

    A server is for one conversation: what a message orders to fail is counted, and messages that say the same at the
    same place of two conversations are one message to a provider.
    """

    def __init__(self) -> None:
        self._model = OfflineModel(SystemClock())

    def __call__(self, received: Received) -> Answers:
        """Return the refusal of a request that breaks the provider's rules, else the model's answer or failure."""
        refused = openai_wire.refusal(received)
        if refused:
            return refused
        try:
            answer = self._model.complete(request_of(received.body))
        except ModelFailure as failure:
            return openai_wire.error(int(failure.status))
        calls = [(call.tool, call.arguments) for call in answer.calls]
        usage = (answer.usage.input_tokens, answer.usage.output_tokens)
        return Answers(body=openai_wire.answer(answer.text, *calls, usage=usage))


def request_of(body: Json) -> ModelRequest:
    """Return what a request in the provider's format asks, in the domain's words."""
    system, *said = body["messages"]
    prompt, _, schema = system["content"].partition(_SCHEMA)
    tools = [tool["function"] for tool in body.get("tools", [])]
    return ModelRequest(
        system=prompt,
        messages=_messages(said),
        tools=tuple(ToolSpec(**tool) for tool in tools),
        response_schema=json.loads(schema) if schema else None,
        timeout_seconds=LONGEST_SECONDS,
    )


def _messages(said: Sequence[Json]) -> tuple[Message, ...]:
    # What stands behind the newest user message belongs to its turn; of the others none is looked at.
    return tuple(_message(seq, one) for seq, one in enumerate(said, start=1))


def _message(seq: int, said: Json) -> Message:
    role = Role(said["role"])
    content = said["content"] or ""
    return Message(
        seq=seq,
        turn=1,
        role=role,
        content=newest(content) if role is Role.USER else content,
        tool_calls=tuple(_call(call) for call in said.get("tool_calls", ())),
        tool_call_id=CallId(said["tool_call_id"]) if role is Role.TOOL else None,
        outcome=CallStatus.DONE if role is Role.TOOL else None,
        # The offline model counts failures by message: one said again is another, though it comes joined to the first.
        created_at=_LONG_AGO + timedelta(seconds=len(_ordered(content))),
    )


def _call(call: Json) -> ToolCall:
    function: Any = call["function"]
    requested = RequestedCall(tool=function["name"], arguments=json.loads(function["arguments"]))
    return ToolCall(
        call_id=CallId(call["id"]),
        tool=requested.tool,
        arguments=requested.arguments or {},
        status=CallStatus.DONE,
    )


def newest(content: str) -> str:
    r"""Return the last paragraph with directives; all of it when none has any.

    Neighbouring messages of a user reach a provider as one, also those that were never answered.

    >>> newest("[[say never]]\n\n[[say instead]]\n\nResult of subtask 1")
    '[[say instead]]'
    >>> newest("Where is it?")
    'Where is it?'
    """
    return next(reversed(_ordered(content)), content)


def _ordered(content: str) -> list[str]:
    return [paragraph for paragraph in content.split("\n\n") if parse(paragraph)]
