"""What a model may do is checked here, before anything is stored: tools, arguments, paths, sizes."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.agents.spec import AgentSpec
from domain.model.llm import ModelAnswer, RequestedCall
from domain.model.tools import TOOLS
from domain.model.tools.paths import PATH_ERROR
from domain.model.tools.tool import Arguments, Tool
from domain.model.value import JsonObject, json_bytes

MAX_CALLS = 16
MAX_ARGUMENT_BYTES = 100_000
"""Of all calls of an answer together, so that the commit fits an item beside 256 KB of text."""
MAX_NESTING = 100
"""Levels of arguments that the log keeps; Pydantic writes no more than 255 levels of a message."""


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
    if not all(agent.may_write(getattr(parsed, name)) for name in tool.writes):
        return refuse("PATH_NOT_ALLOWED", f"Refused: {agent.name} {agent.file_rule}. Hand over what else is needed.")
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
