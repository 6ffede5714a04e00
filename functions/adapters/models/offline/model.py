"""The model client that calls no model."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import Message, Usage
from domain.ports import Clock
from functions.adapters.models.offline.conversation import Reply, converse
from functions.adapters.models.offline.directives import Directives, Failure, Round, parse
from functions.adapters.models.offline.phrases import SUFFIX, Voice
from functions.adapters.models.offline.routing import route
from functions.adapters.models.offline.transcript import Turn, turn_of

NAME = "offline"
MAX_COUNTED = 4096
"""Rounds whose failures are remembered; a warm worker serves many users, and the oldest is long over."""
CHARACTERS_PER_TOKEN = 4


class OfflineModel:
    """A rule-based stand-in for a language model: pure Python, no I/O, the same answer in every process.

    Everything it knows comes from the request. The one exception are the failures that `[[fail …]]` orders: they are
    counted per process, since a call that fails leaves no trace in a conversation.

    A failing call fails at once; `[[delay …]]` is the time that an answer takes.

    Attributes:
        name: Stands in every answer as the model's name.
    """

    name = NAME

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, int] = OrderedDict()
        self._guard = threading.Lock()

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer that directives order or rules find.

        Raises:
            ModelFailure: `[[fail …]]` orders it, or `[[delay …]]` is longer than the request's timeout.
        """
        turn = turn_of(request.messages)
        text = turn.message.content if turn else ""
        directives = parse(text)
        if request.response_schema is not None:
            return _answer(request, Reply(route(text, directives, request.response_schema)))
        if turn is None:
            return _answer(request, Reply(f"{Voice().say('no_message')}\n\n{SUFFIX}"))
        if directives is None:
            return _answer(request, converse(turn, request.tools))
        if directives.complaint:
            return _answer(request, Reply(f"{directives.complaint}.\n\n{SUFFIX}"))
        return self._follow(request, turn, directives)

    def _follow(self, request: ModelRequest, turn: Turn, directives: Directives) -> ModelAnswer:
        number = len(turn.rounds)
        orders = directives.round(number)
        if orders.failure and self._is_failing(_key(turn.message, number), orders.failure):
            raise ModelFailure(
                f"The offline model fails with {orders.failure.status}, as the message orders.",
                status=orders.failure.status,
                is_retryable=orders.failure.is_retryable,
            )
        self._take_time(orders.delay_seconds, request.timeout_seconds)
        return _answer(request, _reply(orders), orders.usage)

    def _is_failing(self, key: str, failure: Failure) -> bool:
        """Count a call and tell whether it is one of those that fail."""
        with self._guard:
            failed = self._failed.pop(key, 0)
            is_failing = failed < failure.times
            self._failed[key] = failed + is_failing
            if len(self._failed) > MAX_COUNTED:
                self._failed.popitem(last=False)
        return is_failing

    def _take_time(self, seconds: float, timeout_seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(min(seconds, timeout_seconds))
        if seconds > timeout_seconds:
            raise ModelFailure(
                f"The offline model did not answer within {timeout_seconds:g} s.", status="timeout", is_retryable=True
            )


def _key(message: Message, number: int) -> str:
    """Return what names a round of a message in this process without keeping the message.

    Number and time are part of it, so the same words in another session fail anew.
    """
    spelled = f"{message.seq}|{message.created_at.isoformat()}|{number}|{message.content}"
    return sha256(spelled.encode(errors="surrogatepass")).hexdigest()


def _reply(orders: Round) -> Reply:
    if orders.say is None:
        return Reply("" if orders.calls else "done", orders.calls)
    return Reply(orders.say, orders.calls)


def _answer(request: ModelRequest, reply: Reply, usage: Usage | None = None) -> ModelAnswer:
    return ModelAnswer(text=reply.text, calls=reply.calls, usage=usage or _estimated(request, reply), model=NAME)


def _estimated(request: ModelRequest, reply: Reply) -> Usage:
    """Return tokens at four characters each: of system prompt and messages, and of the answer."""
    said = sum(
        len(message.content) + _size(call.arguments for call in message.tool_calls) for message in request.messages
    )
    answered = len(reply.text) + _size((call.tool, call.arguments) for call in reply.calls)
    return Usage(
        input_tokens=(len(request.system) + said) // CHARACTERS_PER_TOKEN,
        output_tokens=answered // CHARACTERS_PER_TOKEN,
    )


def _size(values: Iterable[Any]) -> int:
    """Return the characters in JSON values, without recursion: their depth is not ours to trust."""
    total = 0
    left: list[Any] = list(values)
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list | tuple):
            left += value
        elif isinstance(value, int):
            # Python refuses to spell very long numbers; three bits are about one digit.
            total += value.bit_length() // 3 + 1
        else:
            total += len(str(value))
    return total
