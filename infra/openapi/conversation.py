"""The worked conversation of docs/conversation.md as data; a test holds it with the running system.

Requests and answers stand in fences of the language `http`, each answer after its request: a first line, headers, a
blank line, and a body of JSON where there is one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions.catalog import Route
from infra.local.layout import ROOT

CONVERSATION = ROOT / "docs" / "conversation.md"
BASE = "/v1"
LINE_WIDTH = 120

_FENCE = re.compile(r"^```http\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_ANSWER = "HTTP/1.1 "


class ConversationError(Exception):
    """The document does not alternate between requests and answers."""


@dataclass(frozen=True)
class Request:
    """What a client sends.

    Attributes:
        path: With base path and query.
        headers: As written: `$ALICE` stands for her token.
        body: None when there is none.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None

    def is_to(self, route: Route) -> bool:
        """Whether `route` answers this.

        >>> Request("GET", "/v1/sessions/s-1?x=1", {}).is_to(Route("GET", "/sessions/{session_id}", 200))
        True
        """
        pattern = "".join(
            "[^/?]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", BASE + route.path)
        )
        return self.method == route.method and re.fullmatch(pattern, self.path.partition("?")[0]) is not None

    def __str__(self) -> str:
        return _text(f"{self.method} {self.path}", self.headers, self.body)


@dataclass(frozen=True)
class Answer:
    """What the service says; of its headers those worth telling."""

    status: int
    headers: Mapping[str, str]
    body: Any = None

    def __str__(self) -> str:
        return _text(f"{_ANSWER}{self.status} {HTTPStatus(self.status).phrase}", self.headers, self.body)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    request: Request
    answer: Answer


def read(markdown: str) -> list[Exchange]:
    """Return the exchanges of the document.

    Raises:
        ConversationError: an answer has no request, or a request no answer.
    """
    blocks = [_block(fence["text"]) for fence in _FENCE.finditer(markdown)]
    return list(_pairs(blocks))


def retell(markdown: str, exchanges: list[Exchange]) -> str:
    """Return the document with these exchanges in place of its own, as many as it has."""
    told = (f"```http\n{said}\n```" for exchange in exchanges for said in (exchange.request, exchange.answer))
    return _FENCE.sub(lambda _: next(told), markdown)


def example(route: Route, path: Path = CONVERSATION) -> Any:
    """Return the body that the conversation shows as the successful answer of `route`; None when it shows none."""
    for exchange in read(path.read_text(encoding="utf-8")):
        if exchange.request.is_to(route) and exchange.answer.status == route.status:
            return exchange.answer.body
    return None


def _pairs(blocks: list[Request | Answer]) -> Iterator[Exchange]:
    requests, answers = blocks[::2], blocks[1::2]
    if len(requests) != len(answers):
        raise ConversationError("the last request has no answer")
    for request, answer in zip(requests, answers, strict=True):
        if not isinstance(request, Request) or not isinstance(answer, Answer):
            raise ConversationError(f"out of turn: {request}")
        yield Exchange(request, answer)


def _block(text: str) -> Request | Answer:
    head, _, body = text.partition("\n\n")
    first, *lines = head.strip().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    content = json.loads(body) if body.strip() else None
    if first.startswith(_ANSWER):
        return Answer(int(first.split()[1]), headers, content)
    method, path = first.split()
    return Request(method, path, headers, content)


def _text(first: str, headers: Mapping[str, str], body: Any) -> str:
    head = "\n".join((first, *(f"{name}: {value}" for name, value in headers.items())))
    return head if body is None else f"{head}\n\n{pretty(body)}"


def pretty(value: Any, indent: str = "", *, taken: int = 0) -> str:
    """Return `value` as JSON: on one line where it fits, else one entry on each.

    Args:
        value: Any JSON.
        indent: Of the line it begins in.
        taken: Characters of that line that are used already.

    >>> print(pretty({"items": [{"seq": 1}], "has_more": False}))
    {"items": [{"seq": 1}], "has_more": false}
    """
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + taken + len(line) < LINE_WIDTH or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f'"{key}": {pretty(part, deeper, taken=len(key) + 4)}' for key, part in value.items()]
        opening, closing = "{}"
    else:
        parts = [pretty(part, deeper) for part in value]
        opening, closing = "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"
