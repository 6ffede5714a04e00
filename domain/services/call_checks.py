"""What a model may do is checked here, before anything is stored: tools, arguments, paths, sizes."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from domain.agents.spec import AgentSpec
from domain.model.llm import ModelAnswer, RequestedCall
from domain.model.tools.paths import PATH_ERROR
from domain.model.tools.tool import Tool
from domain.model.value import JsonObject, json_bytes
from domain.services.toolbox import Toolbox

MAX_CALLS = 16
MAX_ARGUMENT_BYTES = 100_000
"""Of all calls of an answer together, so that the commit fits an item beside 256 KB of text."""
MAX_NESTING = 100
"""Levels of arguments that the log keeps; Pydantic writes no more than 255 levels of a message."""


class Unfit(Exception):  # noqa: N818  # an answer to a model or a person, no error
    """Arguments that a call may not have.

    Attributes:
        code: In `ToolCallRefused`'s words.
        detail: For whoever gave them.
    """

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True)
class Checked:
    """A call after the checks that stand between a model and the world.

    Attributes:
        arguments: Normalised when allowed, as given otherwise.
        tool: The tool of an allowed call; None otherwise.
        parsed: The arguments of an allowed call; None otherwise.
        code: Why it is refused, in `ToolCallRefused`'s words; None when it is allowed.
        detail: The reason as the model reads it; empty when it is allowed.
    """

    call: RequestedCall
    arguments: JsonObject
    tool: Tool | None = None
    parsed: BaseModel | None = None
    code: str | None = None
    detail: str = ""

    def refused(self, code: str, detail: str) -> "Checked":
        """Return the call as refused after all."""
        return Checked(self.call, self.arguments, code=code, detail=detail)


def check(answer: ModelAnswer, toolbox: Toolbox) -> tuple[Checked, ...]:
    """Check every call of an answer against the agent's tools, the schemas and the path rule.

    Returns:
        One result per call, in order; calls beyond `MAX_CALLS` are refused, beyond twice as many left out.
    """
    return tuple(
        _check(call, toolbox, position, len(answer.calls))
        for position, call in enumerate(answer.calls[: 2 * MAX_CALLS])
    )


def parse(tool: Tool, arguments: JsonObject | None, agent: AgentSpec, *, most_bytes: int) -> BaseModel:
    """Return arguments that fit the tool and the agent's rule on paths.

    Args:
        tool: What is called.
        arguments: None when they are no JSON object.
        agent: Who calls.
        most_bytes: How large they may be as JSON.

    Raises:
        Unfit: they do not, or are too large or nested too deeply.
    """
    size = _size(arguments)
    if arguments is None or size is None:
        raise Unfit("INVALID_ARGUMENTS", "the arguments are not a JSON object.")
    if size > most_bytes:
        raise Unfit("INVALID_ARGUMENTS", "the arguments are too large. Split the work.")
    if not _is_nested_within(arguments, MAX_NESTING):
        raise Unfit("INVALID_ARGUMENTS", f"the arguments are nested deeper than {MAX_NESTING} levels.")
    try:
        parsed = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        raise _why(error) from None
    if not all(agent.may_write(getattr(parsed, name)) for name in tool.writes):
        raise Unfit("PATH_NOT_ALLOWED", f"{agent.name} {agent.file_rule}. Hand over what else is needed.")
    return parsed


def as_given(parsed: BaseModel) -> JsonObject:
    """Return parsed arguments as JSON, normalised, without what was left out."""
    given: JsonObject = parsed.model_dump(mode="json", exclude_unset=True)
    return given


def _check(call: RequestedCall, toolbox: Toolbox, position: int, calls: int) -> Checked:
    size = _size(call.arguments)
    # The log keeps what was refused, within reason: a huge argument has no second life, nor one of a call too many.
    is_small = size is not None and size <= MAX_ARGUMENT_BYTES // (2 * MAX_CALLS)
    is_kept = is_small and position < MAX_CALLS and _is_nested_within(call.arguments, MAX_NESTING)
    kept = call.arguments or {} if is_kept else {}

    def refuse(code: str, detail: str) -> Checked:
        return Checked(call, kept, code=code, detail=f"Refused: {detail}")

    if position >= MAX_CALLS:
        return refuse("TOO_MANY_CALLS", f"at most {MAX_CALLS} calls in one answer.")
    agent, tool = toolbox.agent, toolbox.find(call.tool)
    if tool is None:
        known = ", ".join(toolbox.names)
        return refuse("NOT_ALLOWED", f"{agent.name} has no tool {call.tool[:100]!r}. It has: {known}.")
    if tool.must_be_alone and calls > 1:
        return refuse("MUST_BE_ALONE", f"call {tool.name} alone, after all other results have come.")
    try:
        parsed = parse(tool, call.arguments, agent, most_bytes=MAX_ARGUMENT_BYTES // min(calls, MAX_CALLS))
    except Unfit as unfit:
        return refuse(unfit.code, unfit.detail)
    return Checked(call, as_given(parsed), tool, parsed)


def _size(arguments: JsonObject | None) -> int | None:
    """Return the arguments' bytes as JSON; None when they are none, as with a lone surrogate inside."""
    try:
        return json_bytes(arguments)
    except ValueError:
        return None


def _is_nested_within(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_nested_within(part, levels - 1) for part in inner)


def _why(error: ValidationError) -> Unfit:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    code = "PATH_NOT_ALLOWED" if any(problem["type"] == PATH_ERROR for problem in problems) else "INVALID_ARGUMENTS"
    named = "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}" for problem in problems)
    return Unfit(code, named[:1500])
