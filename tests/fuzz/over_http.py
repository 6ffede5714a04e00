"""Requests as bytes on a socket: nothing here tidies a path, drops a header, or declines to send."""

import http.client
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

STAGE = "/v1"


@dataclass(frozen=True)
class Heard:
    """An answer.

    Attributes:
        headers: By names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: str


class RawClient:
    """Sends events of the gateway as the HTTP requests that they come from.

    Args:
        url: Of the API, without its stage.
        token: In each request, unless its headers say otherwise; None sends none.
    """

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._base = parts.hostname or "", parts.port, parts.path + STAGE
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, event: Mapping[str, Any]) -> Heard | None:
        """Return the answer to an event's request; None when HTTP has no way to say it."""
        if "" in (event["pathParameters"] or {}).values():
            # A path that lacks a part is the path of something else.
            return None
        headers = self._authorization | {
            name: value for name, value in event["headers"].items() if name.lower() not in {"host", "content-length"}
        }
        body = event["body"].encode("utf-8", "surrogateescape") if event["body"] else None
        connection = http.client.HTTPConnection(self._host, self._port or 80, timeout=60)
        try:
            try:
                connection.request(event["httpMethod"], self._base + target(event), body, headers)
            except (ValueError, UnicodeError):
                return None
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Heard(answer.status, told, answer.read().decode())
        finally:
            connection.close()


def curl(event: Mapping[str, Any]) -> str:
    """Return the command that sends it again; `make env` prints `URL` and `ALICE`, a long body is cut."""
    told = [f"{name}: {value}" for name, value in event["headers"].items() if name.lower() != "host"]
    headers = " ".join(f"-H {shlex.quote(header)}" for header in told)
    body = f" --data-binary {shlex.quote(event['body'][:2000])}" if event["body"] else ""
    where = f'"$URL"{shlex.quote(target(event))} -H "Authorization: Bearer $ALICE"'
    return ascii(f"curl -X {event['httpMethod']} {where} {headers}{body}")


def target(event: Mapping[str, Any]) -> str:
    """Return path and query, every odd character of a parameter percent-encoded."""
    parameters = {name: _quoted(value) for name, value in (event["pathParameters"] or {}).items()}
    query = "&".join(
        f"{_quoted(name)}={_quoted(value)}" for name, value in (event["queryStringParameters"] or {}).items()
    )
    path: str = event["resource"].format(**parameters)
    return f"{path}?{query}" if query else path


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
