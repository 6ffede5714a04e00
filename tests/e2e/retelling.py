"""Holding the worked conversation again, with the running system."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import httpx

from infra.openapi.conversation import Answer, Exchange, Request
from tests.support.patience import PATIENCE_SECONDS

_SESSION = re.compile(r"s-[0-9a-hjkmnp-tv-z]{26}")
_NAMED = re.compile(rf"{_SESSION.pattern}|\b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b|\b[0-9a-f]{{32}}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_MEASURED = re.compile(r'("(?:duration_ms|input_tokens|output_tokens)": )\d+')


class Retelling:
    """Sends the requests of a conversation to a system and writes down what it answers.

    Args:
        http: Connections.
        url: Address of the API, without base path.
        tokens: By user; `$ALICE` in a request stands for that of `alice`.
    """

    def __init__(self, http: httpx.Client, url: str, tokens: Mapping[str, str]) -> None:
        self._http = http
        self._url = url
        self._tokens = {f"${user.upper()}": token for user, token in tokens.items()}
        self._sessions: dict[str, str] = {}

    def of(self, exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
        """Yield each exchange as it goes now: with the ids, times and answers of this system."""
        for exchange in exchanges:
            request = self._translated(exchange.request)
            answer = self._answer(request, exchange.answer)
            # Ids stand in the same places, so that the first new one in the answer is the first new one told.
            known = zip(_SESSION.findall(str(exchange.answer)), _SESSION.findall(str(answer)), strict=False)
            self._sessions.update({told: is_now for told, is_now in known if told not in self._sessions})
            yield Exchange(request, answer)

    def _translated(self, request: Request) -> Request:
        path = _SESSION.sub(lambda told: self._sessions.get(told[0], told[0]), request.path)
        return Request(request.method, path, request.headers, request.body)

    def _answer(self, request: Request, told: Answer) -> Answer:
        """Send `request`; a reading one again until it says what is told, since a worker may not have come that far."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        answer = self._sent(request, told)
        while request.method == "GET" and likened(answer) != likened(told) and time.monotonic() < deadline:
            answer = self._sent(request, told)
        return answer

    def _sent(self, request: Request, told: Answer) -> Answer:
        headers = {name: self._with_token(value) for name, value in request.headers.items()}
        content = {} if request.body is None else {"json": request.body}
        response = self._http.request(
            request.method,
            self._url + request.path,
            headers=headers,
            **content,
        )
        heard = {name: response.headers.get(name, "(none)") for name in told.headers}
        return Answer(response.status_code, heard, response.json())

    def _with_token(self, value: str) -> str:
        scheme, _, name = value.partition(" ")
        return f"{scheme} {self._tokens[name]}" if name in self._tokens else value


def likened(*said: object) -> str:
    """Return what is said without times and measures, which may differ from run to run, and with ids numbered."""
    text = _MEASURED.sub(r"\g<1>0", _TIME.sub("(time)", "\n\n".join(map(str, said))))
    numbers = count(1)
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        if found[0] not in names:
            names[found[0]] = f"(id {next(numbers)})"
        return names[found[0]]

    return _NAMED.sub(name, text)
