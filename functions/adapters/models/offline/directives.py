r"""What a message orders the offline model to do: `[[say …]]`, `[[tool NAME {json}]]` and the rest.

Grammar: `[[name]]` or `[[name argument]]`, the name in any case. A text of `say` ends at the first `]]` that no further
`]` follows, so `[[say a[b[0]]]]` says `a[b[0]]`. Anything between directives is ignored. A message that holds none is
plain language; an unknown name counts as a directive only beside a known one or when the message is nothing else,
because people also write `[[ -f x ]]`, `[[1, 2]]` and `[[package]]`.
"""

import json
import re
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, NoReturn

from domain.model.agent import AgentType
from domain.model.llm import RequestedCall
from domain.model.message import Usage
from domain.model.value import JsonObject

MAX_DEPTH = 100
"""Deeper arguments are malformed: where Python's own parser gives up depends on the stack, and the answer must not."""

_OPENING = re.compile(r"\[\[([A-Za-z_]+)(?=\s|\]\])")
_CLOSING = re.compile(r"\]\](?!\])")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?\Z")
_USAGE = re.compile(r"([0-9]{1,9})\s+([0-9]{1,9})\Z")
_FAIL = re.compile(r"(timeout|[45][0-9]{2})(?:\s+x([0-9]{1,9}))?\Z")
_TOOL = re.compile(r"\s*([^\s\]\[{}\"]{1,100})\s*")
_JSON_SPACE = re.compile(r"[ \t\n\r]*")
_KNOWN = ("say", "tool", "then", "delay", "fail", "agent", "usage")


@dataclass(frozen=True, slots=True)
class Failure:
    """A provider's failure to act out.

    Attributes:
        status: HTTP status of the provider, or `timeout`.
        times: How many calls of the round fail.
    """

    status: str
    times: int

    @property
    def is_retryable(self) -> bool:
        """Whether a provider that answers so may answer well later."""
        return self.status in {"timeout", "408", "429"} or self.status.startswith("5")


@dataclass(frozen=True, slots=True)
class Round:
    """What to do in one round.

    Attributes:
        say: Exact text; None when nothing is to be said.
        usage: Token counts to report; None to estimate them.
    """

    say: str | None = None
    calls: tuple[RequestedCall, ...] = ()
    delay_seconds: float = 0.0
    failure: Failure | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Directives:
    """Everything a message orders.

    Attributes:
        rounds: One or more.
        agent: Whom the orchestrator is to choose; None when the message does not say.
        complaint: What is wrong with the message; None when it is well formed.
    """

    rounds: tuple[Round, ...] = (Round(),)
    agent: AgentType | None = None
    complaint: str | None = None

    def round(self, number: int) -> Round:
        """Return what to do in round `number`, from 0; past the last one there is nothing left but to say `done`."""
        return self.rounds[number] if number < len(self.rounds) else Round()


class _MalformedError(ValueError):
    """A directive that cannot be followed; its text says why."""


@dataclass(slots=True)
class _Reader:
    """Collects directives from left to right."""

    text: str
    rounds: list[Round] = field(default_factory=lambda: [Round()])
    agent: AgentType | None = None

    def change(self, **fields: Any) -> None:
        self.rounds[-1] = replace(self.rounds[-1], **fields)

    def read(self, name: str, start: int) -> int:
        """Take the directive `name` whose argument begins at `start`; return where it ends."""
        if name not in _KNOWN:
            raise _MalformedError(f"there is no directive [[{name[:40]}]]; there are {', '.join(_KNOWN)}")
        if name == "tool":
            return self._tool(start)
        closing = _CLOSING.search(self.text, start)
        if closing is None:
            raise _MalformedError(f"[[{name} …]] is not closed with ]]")
        if name == "say":
            self._say(self.text[start : closing.start()])
        else:
            _READERS[name](self, self.text[start : closing.start()].strip())
        return closing.end()

    def _say(self, argument: str) -> None:
        if not argument:
            raise _MalformedError("[[say TEXT]] needs a text")
        before = self.rounds[-1].say
        # One character separates the name from its text; everything behind it is meant.
        self.change(say=argument[1:] if before is None else f"{before}\n{argument[1:]}")

    def _tool(self, start: int) -> int:
        name = _TOOL.match(self.text, start)
        if name is None:
            raise _MalformedError("[[tool NAME {json}]] needs the name of a tool")
        arguments, end = _json_object(self.text, name.end(), name[1])
        self.change(calls=(*self.rounds[-1].calls, RequestedCall(tool=name[1], arguments=arguments)))
        return end

    def then(self, argument: str) -> None:
        if argument:
            raise _MalformedError(f"[[then]] takes nothing, but {_shown(argument)} was given")
        self.rounds.append(Round())

    def delay(self, argument: str) -> None:
        if not _NUMBER.match(argument):
            raise _MalformedError(f"[[delay SECONDS]] needs a number such as 2 or 0.5, not {_shown(argument)}")
        self.change(delay_seconds=float(argument))

    def fail(self, argument: str) -> None:
        failure = _FAIL.match(argument)
        if not failure:
            raise _MalformedError(
                f"[[fail STATUS xN]] needs a status from 400 to 599 or timeout, and a count such as x2,"
                f" not {_shown(argument)}"
            )
        self.change(failure=Failure(failure[1], int(failure[2] or 1)))

    def choose(self, argument: str) -> None:
        if argument not in set(AgentType):
            raise _MalformedError(f"[[agent NAME]] knows {', '.join(AgentType)}, not {_shown(argument)}")
        self.agent = AgentType(argument)

    def count(self, argument: str) -> None:
        counts = _USAGE.match(argument)
        if not counts:
            raise _MalformedError(f"[[usage IN OUT]] needs two whole numbers, not {_shown(argument)}")
        self.change(usage=Usage(input_tokens=int(counts[1]), output_tokens=int(counts[2])))


_READERS = {
    "then": _Reader.then,
    "delay": _Reader.delay,
    "fail": _Reader.fail,
    "agent": _Reader.choose,
    "usage": _Reader.count,
}


def parse(text: str) -> Directives | None:
    """Return what a user message orders, None when it is plain language.

    Never raises: what cannot be followed becomes the complaint, and nothing of the message is carried out then.

    >>> parse("Where is the lock?")
    >>> parse('[[tool read_file {"path": "a]].md"}]] [[then]] [[say done]]').rounds[0].calls[0].arguments
    {'path': 'a]].md'}
    >>> parse("[[delay soon]]").complaint
    "[[delay SECONDS]] needs a number such as 2 or 0.5, not 'soon'"
    """
    if not _holds_directives(text):
        return None
    reader = _Reader(text)
    position = 0
    try:
        while opening := _OPENING.search(text, position):
            position = reader.read(opening[1].lower(), opening.end())
    except _MalformedError as problem:
        return Directives(agent=reader.agent, complaint=str(problem))
    return Directives(rounds=tuple(reader.rounds), agent=reader.agent)


def _holds_directives(text: str) -> bool:
    if any(opening[1].lower() in _KNOWN for opening in _OPENING.finditer(text)):
        return True
    alone = text.strip()
    return bool(_OPENING.match(alone)) and alone.endswith("]]")


def _json_object(text: str, start: int, tool: str) -> tuple[JsonObject, int]:
    """Read the arguments and the closing brackets behind them; a JSON string may hold brackets of any kind."""
    try:
        arguments, end = _DECODER.raw_decode(text, _space(text, start))
    except (ValueError, RecursionError) as error:
        raise _MalformedError(f"the arguments of [[tool {tool} {{json}}]] are no JSON: {_reason(error)}") from None
    if not isinstance(arguments, dict):
        raise _MalformedError(f"the arguments of [[tool {tool} {{json}}]] must be a JSON object")
    if _is_deep(arguments):
        raise _MalformedError(f"the arguments of [[tool {tool} {{json}}]] are no JSON: nested too deeply")
    if not _is_unicode(arguments):
        raise _MalformedError(f"the arguments of [[tool {tool} {{json}}]] hold half of a surrogate pair")
    end = _space(text, end)
    if not text.startswith("]]", end):
        raise _MalformedError(f"[[tool {tool} {{json}}]] is not closed with ]] behind its arguments")
    return arguments, end + 2


def _space(text: str, start: int) -> int:
    found = _JSON_SPACE.match(text, start)
    return found.end() if found else start


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _is_deep(value: JsonObject) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return bool(level)


def _is_unicode(value: JsonObject) -> bool:
    """Tell whether every text in it can be stored: JSON can spell characters that no encoding knows."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(argument: str) -> str:
    return repr(argument[:40])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number[:40]} is too large")
    return value


def _whole(number: str) -> int:
    if len(number) > 40:
        raise ValueError(f"{number[:40]}… is too large")
    return int(number)


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
