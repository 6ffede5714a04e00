"""What a model's answer sets off: calls are checked and run or opened, the turn goes on or ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.agents import REGISTRY
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.events.agent import AgentSwitchRefused, SwitchReason
from domain.model.events.tool import ToolCallCompleted, ToolCallRefused, ToolCallRequested
from domain.model.llm import ModelAnswer, RequestedCall
from domain.model.message import CallStatus, Role, ToolCall
from domain.model.session import TurnErrorCode
from domain.model.tools import PATH_ERROR, TOOLS, Arguments, AttemptCompletion, SwitchMode, Tool, Where
from domain.model.value import JsonObject, json_bytes
from domain.services import turns

MAX_CALLS = 16
MAX_ARGUMENT_BYTES = 100_000
"""Of all calls of an answer together, so that the commit fits an item beside 256 KB of text."""
MAX_NESTING = 100
"""Levels of arguments that the log keeps; Pydantic writes no more than 255 levels of a message."""
MAX_REFUSALS = 3
MAX_SWITCHES = 5


@dataclass(frozen=True)
class Checked:
    """A call after the checks that stand between a model and the world.

    Attributes:
        arguments: Normalised when allowed, as given otherwise.
        code: Why it is refused, in `ToolCallRefused`'s words; None when it is allowed.
        detail: The reason as the model reads it; empty when it is allowed.
    """

    call: RequestedCall
    arguments: JsonObject
    parsed: Arguments | None = None
    code: str | None = None
    detail: str = ""

    @property
    def tool(self) -> Tool:
        """The tool of an allowed call."""
        return TOOLS[self.call.tool]


def check(answer: ModelAnswer, agent: AgentSpec) -> tuple[Checked, ...]:
    """Check every call of an answer against the agent's tools, the schemas and the path rule.

    Returns:
        One result per call, in order; calls beyond `MAX_CALLS` are refused, beyond twice as many left out.
    """
    return tuple(
        _check(call, agent, position, len(answer.calls)) for position, call in enumerate(answer.calls[: 2 * MAX_CALLS])
    )


def _check(call: RequestedCall, agent: AgentSpec, position: int, calls: int) -> Checked:
    size = _size(call.arguments)
    # The log keeps what was refused, within reason: a huge argument has no second life, nor one of a call too many.
    is_small = size is not None and size <= MAX_ARGUMENT_BYTES // (2 * MAX_CALLS)
    is_kept = is_small and position < MAX_CALLS and _is_nested_within(call.arguments, MAX_NESTING)
    kept = call.arguments or {} if is_kept else {}

    def refuse(code: str, detail: str) -> Checked:
        return Checked(call, kept, None, code, detail)

    if position >= MAX_CALLS:
        return refuse("TOO_MANY_CALLS", f"Refused: at most {MAX_CALLS} calls in one answer.")
    if call.tool not in agent.tools:
        return refuse(
            "NOT_ALLOWED", f"Refused: {agent.name} has no tool {call.tool[:100]!r}. It has: {', '.join(agent.tools)}."
        )
    tool = TOOLS[call.tool]
    if tool.must_be_alone and calls > 1:
        return refuse("MUST_BE_ALONE", f"Refused: call {tool.name} alone, after all other results have come.")
    if call.arguments is None or size is None:
        return refuse("INVALID_ARGUMENTS", "Refused: the arguments are not a JSON object.")
    if size > MAX_ARGUMENT_BYTES // min(calls, MAX_CALLS):
        return refuse("INVALID_ARGUMENTS", "Refused: the arguments are too large. Split the work.")
    try:
        parsed = tool.arguments.model_validate(call.arguments)
    except ValidationError as error:
        return refuse(*_why(error))
    return Checked(call, parsed.model_dump(mode="json", exclude_unset=True), parsed)


def _size(arguments: JsonObject | None) -> int | None:
    """Return the arguments' bytes as JSON; None when they are none, as with a lone surrogate inside."""
    try:
        return json_bytes(arguments)
    except ValueError:
        return None


def _is_nested_within(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_nested_within(part, levels - 1) for part in inner)


def _why(error: ValidationError) -> tuple[str, str]:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    code = "PATH_NOT_ALLOWED" if any(problem["type"] == PATH_ERROR for problem in problems) else "INVALID_ARGUMENTS"
    named = "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}" for problem in problems)
    return code, f"Refused: {named[:1500]}"


def settle(draft: Draft, answer: ModelAnswer, agent: AgentSpec) -> None:
    """Record an answer and everything it sets off; run it with `compose`, since calls are named after the commit.

    A text ends the turn. Calls of client tools are opened and the turn waits; refused calls and server tools have
    their results at once, and when nothing else is open the turn goes on.
    """
    checked = check(answer, agent)
    completion = next((item.parsed for item in checked if isinstance(item.parsed, AttemptCompletion)), None)
    calls = tuple(_stored(draft, index, item) for index, item in enumerate(checked))
    draft.add_message(
        Role.ASSISTANT,
        "\n\n".join(text for text in (answer.text, completion.result if completion else "") if text),
        agent=agent.type,
        tool_calls=calls,
        usage=answer.usage,
    )
    for call, item in zip(calls, checked, strict=True):
        _begin(draft, call, item, agent)
    _go_on(draft, checked, agent, is_over=completion is not None or not calls)


def _stored(draft: Draft, index: int, item: Checked) -> ToolCall:
    status = CallStatus.PENDING
    if item.code:
        status = CallStatus.REFUSED
    elif item.tool.where is Where.SERVER:
        status = CallStatus.REFUSED if _switch_refusal(draft, item) else CallStatus.DONE
    return ToolCall(
        call_id=draft.call_id(index),
        tool=item.call.tool[:100],
        arguments=item.arguments,
        status=status,
        provider_id=item.call.provider_id,
    )


def _begin(draft: Draft, call: ToolCall, item: Checked, agent: AgentSpec) -> None:
    if item.code:
        draft.record(ToolCallRefused(call_id=call.call_id, tool=call.tool, agent=agent.type, code=item.code))
        _answer_call(draft, call, item.detail)
    elif item.tool.where is Where.CLIENT:
        draft.record(ToolCallRequested(call_id=call.call_id, tool=call.tool, agent=agent.type))
        draft.open_call(call)
    else:
        _SERVER_TOOLS[item.tool.name](draft, call, item)


def _answer_call(draft: Draft, call: ToolCall, content: str) -> None:
    draft.add_message(Role.TOOL, content, tool_call_id=call.call_id, outcome=call.status)


def _switch_refusal(draft: Draft, item: Checked) -> str | None:
    if not isinstance(item.parsed, SwitchMode):
        return None
    target, turn = item.parsed.mode, draft.session.turn
    if target not in REGISTRY or target is AgentType.ORCHESTRATOR:
        return f"Refused: there is no agent {target.value} to hand over to."
    if target is draft.session.agent.current_agent:
        return f"Refused: you are {target.value} already."
    if turn.switches >= MAX_SWITCHES:
        return f"Refused: at most {MAX_SWITCHES} switches in one turn. Finish with what you have."
    return None


def _switch_mode(draft: Draft, call: ToolCall, item: Checked) -> None:
    refusal = _switch_refusal(draft, item)
    target = AgentType(item.arguments["mode"])
    if refusal:
        draft.record(AgentSwitchRefused(from_agent=draft.session.agent.current_agent, target=target))
        _answer_call(draft, call, refusal)
        return
    draft.record(ToolCallCompleted(call_id=call.call_id, tool=call.tool))
    _answer_call(draft, call, f"Switched to {target.value}.")
    turns.switch_agent(draft, target, SwitchReason.AGENT, note=item.arguments.get("reason"))


def _attempt_completion(draft: Draft, call: ToolCall, _: Checked) -> None:
    draft.record(ToolCallCompleted(call_id=call.call_id, tool=call.tool))
    _answer_call(draft, call, "The answer was given to the user.")


_SERVER_TOOLS: dict[str, Callable[[Draft, ToolCall, Checked], None]] = {
    "switch_mode": _switch_mode,
    "attempt_completion": _attempt_completion,
}


def _go_on(draft: Draft, checked: tuple[Checked, ...], agent: AgentSpec, *, is_over: bool) -> None:
    is_all_refused = bool(checked) and all(item.code for item in checked)
    draft.change_turn(refusals=draft.session.turn.refusals + 1 if is_all_refused else 0)
    if is_over:
        if checked:
            # A completed task is over for its agent: the next message is routed afresh.
            turns.switch_agent(draft, AgentType.ORCHESTRATOR, SwitchReason.COMPLETED)
        turns.complete(draft, agent.type)
    elif draft.session.open_calls:
        turns.wait(draft)
    elif draft.session.turn.refusals > MAX_REFUSALS:
        turns.fail(draft, TurnErrorCode.TURN_LIMIT)
