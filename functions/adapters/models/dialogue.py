"""A conversation as every provider wants it: two sides that take turns, the user's first, nothing blank."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.model.llm import ModelRequest
from domain.model.message import CallStatus, Message, Role, ToolCall
from domain.model.value import CallId, JsonObject

MISSING_BEGINNING = "[The beginning of the conversation is left out.]"
NO_OUTPUT = "[no output]"
RESULT_CHARACTERS_WITHOUT_TOOLS = 500
"""Of a tool result where no tools are offered: who only classifies a request need not read whole files."""

_NO_TOOL_NAME = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True)
class Called:
    """A call that the model made.

    Attributes:
        tool: A name that every provider accepts, also when the model had made up another.
    """

    call_id: CallId
    tool: str
    arguments: JsonObject


@dataclass(frozen=True)
class Returned:
    """What came of a call; never blank."""

    call_id: CallId
    content: str


@dataclass(frozen=True)
class Speech:
    """What one side says without a break.

    Attributes:
        is_user: The user's side, to which tool results belong; else the model's.
        texts: None of them blank.
        calls: Of the model's side.
        results: Of the user's side; they belong before its texts.
    """

    is_user: bool
    texts: tuple[str, ...] = ()
    calls: tuple[Called, ...] = ()
    results: tuple[Returned, ...] = ()

    def joined(self, other: "Speech") -> "Speech":
        """Return both as one."""
        return Speech(self.is_user, self.texts + other.texts, self.calls + other.calls, self.results + other.results)


def system_prompt(request: ModelRequest) -> str:
    """Return the system prompt, with the schema the answer must fit.

    A plain instruction, since every model understands one. Forced tool use and schema modes are refused by some models
    and servers, with an error that no retry cures; the reader of the answer checks it against the schema anyway.
    """
    if request.response_schema is None:
        return cleaned(request.system)
    schema = json.dumps(request.response_schema)
    return cleaned(
        f"{request.system}\n\nAnswer with one JSON object and nothing else, no explanation and no code fence."
        f" It must fit this JSON schema:\n{schema}"
    )


def speeches(request: ModelRequest) -> tuple[Speech, ...]:
    """Return the history as speeches, sides alternating, the user's first.

    Where no tools are offered, calls and results are told in words: providers refuse tool blocks without tools.
    """
    told: list[Speech] = []
    for speech in _each(request.messages, in_words=not request.tools):
        if told and told[-1].is_user == speech.is_user:
            told[-1] = told[-1].joined(speech)
        else:
            told.append(speech)
    if not told or not told[0].is_user:
        told.insert(0, Speech(is_user=True, texts=(MISSING_BEGINNING,)))
    return tuple(told)


def _each(messages: Sequence[Message], *, in_words: bool) -> Iterator[Speech]:
    names: dict[CallId | None, str] = {}
    for message in messages:
        names |= {call.call_id: _tool_name(call.tool) for call in message.tool_calls}
        text = cleaned(message.content)
        if message.role is Role.TOOL and message.tool_call_id is not None:
            yield _result(message.tool_call_id, names.get(message.tool_call_id, ""), message, in_words=in_words)
            continue
        texts: tuple[str, ...] = (text,) if text.strip() else ()
        calls = tuple(Called(call.call_id, names[call.call_id], call.arguments) for call in message.tool_calls)
        if in_words:
            texts += tuple(_in_words(call) for call in message.tool_calls)
            calls = ()
        if texts or calls:
            yield Speech(message.role is Role.USER, texts, calls)


def _result(call_id: CallId, tool: str, message: Message, *, in_words: bool) -> Speech:
    content = cleaned(message.content)
    said = content if content.strip() else NO_OUTPUT
    # Not every provider has a mark for it; refused and cancelled calls say so in their own words.
    told = f"Failed: {said}" if message.outcome is CallStatus.FAILED else said
    if not in_words:
        return Speech(is_user=True, results=(Returned(call_id, told),))
    return Speech(is_user=True, texts=(f"[result of {tool}] {told[:RESULT_CHARACTERS_WITHOUT_TOOLS]}",))


def _in_words(call: ToolCall) -> str:
    arguments = json.dumps(call.arguments, ensure_ascii=False)[:RESULT_CHARACTERS_WITHOUT_TOOLS]
    return cleaned(f"[called {_tool_name(call.tool)} with {arguments}]")


def _tool_name(name: str) -> str:
    return _NO_TOOL_NAME.sub("_", name)[:64] or "unnamed"


def cleaned(text: str) -> str:
    r"""Return text that every encoding can carry: half a surrogate pair becomes U+FFFD.

    >>> cleaned("a\ud83d") == "a\ufffd", cleaned("\ud83d\ude00") == "\U0001f600"
    (True, True)
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def json_object_in(text: str) -> str:
    r"""Return the last JSON object in an answer that may hold more, an explanation or a fence say.

    >>> json_object_in('<think>{so}</think> ```json\n{"agent": "ask"}\n```')
    '{"agent": "ask"}'
    >>> json_object_in("none here")
    'none here'
    """
    found, position = text, text.find("{")
    while position >= 0:
        try:
            _, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            found = text[position:end]
        position = text.find("{", end)
    return found


_DECODER = json.JSONDecoder()
