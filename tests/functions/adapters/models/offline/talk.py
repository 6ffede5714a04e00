"""A conversation with the offline model, played as the runtime and its client play it, over files in memory."""

import fnmatch
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.agents import REGISTRY
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType
from domain.model.llm import ModelAnswer, ModelRequest, ToolSpec
from domain.model.message import CallStatus, Message, Role, ToolCall
from domain.model.value import CallId, JsonObject
from domain.services.call_checks import check
from functions.adapters.models.offline import OfflineModel
from functions.adapters.models.offline.transcript import Step
from tests.support.builders import make_toolbox
from tests.support.fakes import FakeClock

AT = datetime(2026, 1, 1, tzinfo=UTC)
LOOK = ("read_file", "list_files", "search_in_code")
AGENTS: Mapping[AgentType, AgentSpec] = {
    **REGISTRY,
    # Who plans has the tool for it, in this conversation as in a deployment.
    AgentType.ARCHITECT: replace(
        REGISTRY[AgentType.ARCHITECT],
        tools=tuple(dict.fromkeys((*REGISTRY[AgentType.ARCHITECT].tools, "create_plan"))),
    ),
}


class ToolError(Exception):
    """A tool call that does not succeed."""

    def __init__(self, text: str, outcome: CallStatus = CallStatus.FAILED) -> None:
        self.outcome = outcome
        super().__init__(text)


def specs(*names: str) -> tuple[ToolSpec, ...]:
    """Return tools by name."""
    return tuple(ToolSpec(name=name, description="", parameters={}) for name in names)


def user(content: str, *, seq: int = 1, turn: int = 1) -> Message:
    """Return a user message."""
    return Message(seq=seq, turn=turn, role=Role.USER, content=content, created_at=AT)


def answered(
    *calls: tuple[str, JsonObject, str], seq: int = 2, turn: int = 1, outcome: CallStatus = CallStatus.DONE
) -> tuple[Message, ...]:
    """Return an assistant message with calls, and the results of those."""
    tool_calls = tuple(
        ToolCall(call_id=CallId(f"{seq}-{at}"), tool=tool, arguments=arguments, status=outcome)
        for at, (tool, arguments, _) in enumerate(calls)
    )
    results = (
        Message(
            seq=seq + 1 + at,
            turn=turn,
            role=Role.TOOL,
            content=content,
            created_at=AT,
            tool_call_id=CallId(f"{seq}-{at}"),
            outcome=outcome,
        )
        for at, (_, _, content) in enumerate(calls)
    )
    assistant = Message(
        seq=seq, turn=turn, role=Role.ASSISTANT, content="", created_at=AT, agent=AgentType.ASK, tool_calls=tool_calls
    )
    return assistant, *results


def request(*messages: Message, tools: tuple[str, ...] = (), timeout_seconds: float = 50.0) -> ModelRequest:
    """Return a call that asks for an answer."""
    return ModelRequest(system="You help.", messages=messages, tools=specs(*tools), timeout_seconds=timeout_seconds)


def step(
    tool: str, arguments: JsonObject | None = None, content: str = "", outcome: CallStatus | None = CallStatus.DONE
) -> Step:
    """Return a call with its end."""
    return Step(tool=tool, arguments=arguments or {}, content=content, outcome=outcome)


@dataclass
class Talk:
    """One session; every answer comes from a model of its own, as if each round ran in another process.

    Its agents and the checks of its calls are the runtime's.

    Attributes:
        files: What lies in the user's folder, by path.
        failing: Errors of tools, by name.
        agent: Who speaks.
        calls: Every call made, in order.
        outputs: Results of tools that do nothing here, by name.
    """

    files: dict[str, str] = field(default_factory=dict)
    failing: dict[str, ToolError] = field(default_factory=dict)
    agent: AgentType = AgentType.CODER
    without: tuple[str, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[str, JsonObject]] = field(default_factory=list)
    turn: int = 0
    rounds: int = 0

    def say(self, text: str) -> str:
        """Send a message and return the answer of its turn: text, result, or question."""
        self.turn += 1
        self._add(Role.USER, text)
        for self.rounds in range(1, 26):
            answer = self._complete()
            if not answer.calls:
                self._add(Role.ASSISTANT, answer.text)
                return answer.text
            last = self._execute(answer)
            if last is not None:
                return last
        raise AssertionError("the turn does not end")

    @property
    def tools(self) -> list[str]:
        """Names of the tools called so far."""
        return [tool for tool, _ in self.calls]

    def _complete(self) -> ModelAnswer:
        offered = tuple(name for name in AGENTS[self.agent].tools if name not in self.without)
        return OfflineModel(FakeClock()).complete(request(*self.messages, tools=offered))

    def _execute(self, answer: ModelAnswer) -> str | None:
        seq = len(self.messages) + 1
        ended: list[tuple[str, CallStatus]] = []
        refused = [item.detail for item in check(answer, make_toolbox(AGENTS[self.agent])) if item.code]
        assert not refused, refused
        for call in answer.calls:
            self.calls.append((call.tool, call.arguments or {}))
            ended.append(self._end(call.tool, call.arguments or {}))
        self._add(
            Role.ASSISTANT,
            answer.text,
            tool_calls=tuple(
                ToolCall(call_id=CallId(f"{seq}-{at}"), tool=call.tool, arguments=call.arguments or {}, status=status)
                for at, (call, (_, status)) in enumerate(zip(answer.calls, ended, strict=True))
            ),
        )
        for at, (content, status) in enumerate(ended):
            self._add(Role.TOOL, content, tool_call_id=CallId(f"{seq}-{at}"), outcome=status)
        tool, arguments = self.calls[-1]
        final = {"attempt_completion": "result", "ask_followup_question": "question"}.get(tool)
        return str(arguments[final]) if final and ended[-1][1] is CallStatus.DONE else None

    def _end(self, tool: str, arguments: JsonObject) -> tuple[str, CallStatus]:
        try:
            if tool in self.failing:
                raise self.failing[tool]
            return self._run(tool, arguments), CallStatus.DONE
        except ToolError as error:
            return str(error), error.outcome

    def _run(self, tool: str, arguments: JsonObject) -> str:
        if tool == "switch_mode":
            self.agent = AgentType(arguments["mode"])
            return f"Switched to {self.agent}."
        if tool == "read_file":
            return self._read(arguments)
        if tool == "list_files":
            return json.dumps([path for path in sorted(self.files) if self._is_listed(path, arguments)])
        if tool == "search_in_code":
            return json.dumps(self._search(arguments))
        return self.outputs.get(tool, "")

    def _read(self, arguments: JsonObject) -> str:
        if arguments["path"] not in self.files:
            raise ToolError(f"There is no {arguments['path']}.")
        lines = self.files[arguments["path"]].splitlines(keepends=True)
        return "".join(lines[arguments.get("start_line", 1) - 1 : arguments.get("end_line")])

    def _is_listed(self, path: str, arguments: JsonObject) -> bool:
        is_inside = arguments["path"] == "." or path.startswith(f"{arguments['path']}/")
        return is_inside and fnmatch.fnmatch(path.rsplit("/", 1)[-1], arguments.get("pattern", "*"))

    def _search(self, arguments: JsonObject) -> list[JsonObject]:
        query = arguments["query"] if arguments.get("regex") else re.escape(arguments["query"])
        return [
            {"path": path, "line": number, "text": line}
            for path, text in sorted(self.files.items())
            if arguments["path"] in {".", path} or path.startswith(f"{arguments['path']}/")
            for number, line in enumerate(text.splitlines(), 1)
            if re.search(query, line, re.IGNORECASE)
        ]

    def _add(
        self,
        role: Role,
        content: str,
        *,
        tool_calls: tuple[ToolCall, ...] = (),
        tool_call_id: CallId | None = None,
        outcome: CallStatus | None = None,
    ) -> None:
        self.messages.append(
            Message(
                seq=len(self.messages) + 1,
                turn=self.turn,
                role=role,
                content=content,
                created_at=AT,
                tool_calls=tool_calls,
                tool_call_id=tool_call_id,
                outcome=outcome,
            )
        )
