"""The HTTP contract as typed calls."""

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Literal, TypeVar
from urllib.parse import quote

import httpx

from clients.pacing import Clock, Repeats, SystemClock
from clients.problems import ApiProblem, BrokenAnswer, FieldError, ServerUnreachable
from clients.tools.outcome import Outcome, ToolDone
from clients.views import Event, Health, Json, JsonObject, Message, Page, Session, SessionPage

Answer = TypeVar("Answer")

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 30.0  # longer than an API gateway lets a request run
_COME_BACK_LATER = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


def _new_key() -> str:
    return str(uuid.uuid4())


def _unnoticed(_operation: str, _failure: ApiProblem | ServerUnreachable) -> None:
    """Stand in for a caller who does not care about repeats."""


class AgentRuntimeApi:
    """One user's view of one server.

    A request is sent again when the connection broke, a gateway gave up, or the server says `SESSION_BUSY`, 429 or 503.
    That does no harm: all repeats of a command carry the same `Idempotency-Key`, under which the server carries it out
    once and answers what it answered the first time.

    Every operation raises `ApiProblem` when the server refuses, `ServerUnreachable` when it does not answer and
    `BrokenAnswer` when its answer does not fit the contract. An instance belongs to one thread.

    Attributes:
        requests: HTTP requests sent so far by operation, repeats included.
        clock: What every wait on this server's account goes by.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        http: httpx.Client,
        *,
        repeats: Repeats | None = None,
        clock: Clock | None = None,
        new_key: Callable[[], str] = _new_key,
        on_repeat: Callable[[str, ApiProblem | ServerUnreachable], None] = _unnoticed,
    ) -> None:
        """Talk to the server at `base_url` (without `/v1`).

        Args:
            base_url: Scheme, host, port and path before the version.
            token: Bearer token; None sends none, or leaves it to `http`'s own authentication.
            http: Connections; the caller closes it.
            repeats: None takes the defaults, which outlast a restart of the server.
            clock: None takes the machine's.
            new_key: Makes idempotency keys.
            on_repeat: Hears, before each pause, which operation is to be repeated and why.
        """
        self._base = base_url.rstrip("/") + "/v1"
        self._token = token
        self._http = http
        self._repeats = repeats or Repeats()
        self.clock: Clock = clock or SystemClock()
        self._new_key = new_key
        self._on_repeat = on_repeat
        self.requests: Counter[str] = Counter()

    def get_health(self) -> Health:
        """Return the server's state; needs no token."""
        return self._read("get_health", "/health", {}, Health.from_json)

    def create_session(
        self, *, session_id: str | None = None, title: str | None = None, agent: str | None = None
    ) -> Session:
        """Begin a conversation.

        Args:
            session_id: `[A-Za-z0-9_-]{1,64}`; None lets the server choose one.
            title: 1 to 255 characters; None takes it from the first message.
            agent: Who answers first; None leaves it to the server.
        """
        body = _given(session_id=session_id, title=title, agent=agent)
        return self._command("create_session", "/sessions", body, Session.from_json)

    def list_sessions(
        self, *, limit: int = 20, cursor: str | None = None, include_inactive: bool = False
    ) -> SessionPage:
        """Return the user's sessions, newest activity first, at most `limit` (1 to 100) after `cursor`."""
        query: dict[str, int | str] = {"limit": limit, "include_inactive": "true" if include_inactive else "false"}
        if cursor is not None:
            query["cursor"] = cursor
        return self._read("list_sessions", "/sessions", query, SessionPage.from_json)

    def get_session(self, session_id: str) -> Session:
        """Return the session as of every answered command."""
        return self._read("get_session", _session(session_id), {}, Session.from_json)

    def add_message(
        self,
        session_id: str,
        content: str,
        *,
        agent: str | None = None,
        on_busy: Literal["enqueue", "reject", "interrupt"] | None = None,
    ) -> Message:
        """Say something; the answer's `turn` is the turn that will answer it.

        With `on_busy="reject"` a busy session is the caller's to deal with: 409 is raised at once.
        """
        body = _given(content=content, agent=agent, on_busy=on_busy)
        path = _session(session_id) + "/messages"
        return self._command("add_message", path, body, Message.from_json, waits_if_busy=on_busy != "reject")

    def list_messages(self, session_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        """Return messages with numbers above `after`, at most `limit` (1 to 200)."""
        query: dict[str, int | str] = {"after": after, "limit": limit}
        read = partial(Page.from_json, item=Message.from_json)
        return self._read("list_messages", _session(session_id) + "/messages", query, read)

    def add_tool_result(self, session_id: str, call_id: str, outcome: Outcome) -> Message:
        """Answer an open call; 409 `TOOL_CALL_CLOSED` says that it has been answered or is no longer wanted."""
        body: dict[str, Json] = {"call_id": call_id}
        if isinstance(outcome, ToolDone):
            body["result"] = outcome.result
        else:
            body["error"] = outcome.error
        path = _session(session_id) + "/tool-results"
        return self._command("add_tool_result", path, body, Message.from_json)

    def list_events(self, session_id: str, *, after: int = 0, limit: int = 100, wait_seconds: int = 0) -> Page[Event]:
        """Return events with numbers above `after`, at most `limit` (1 to 200).

        When there are none the server waits up to `wait_seconds` (0 to 20) for one, and may answer sooner with none.
        """
        query: dict[str, int | str] = {"after": after, "limit": limit, "wait": wait_seconds}
        read = partial(Page.from_json, item=Event.from_json)
        return self._read("list_events", _session(session_id) + "/events", query, read, wait_seconds=wait_seconds)

    def get_content(self, content_url: str) -> str:
        """Return the whole content of a message that carries only its beginning."""
        # The address is signed: our token is not for whoever keeps the content.
        request = self._http.build_request("GET", content_url, timeout=_timeout(0))
        return self._send("get_content", request).text

    def _read(
        self,
        operation: str,
        path: str,
        query: dict[str, int | str],
        read: Callable[[JsonObject], Answer],
        *,
        wait_seconds: int = 0,
    ) -> Answer:
        request = self._http.build_request(
            "GET", self._base + path, params=query, headers=self._headers(), timeout=_timeout(wait_seconds)
        )
        return _parsed(operation, self._send(operation, request), read)

    def _command(
        self,
        operation: str,
        path: str,
        body: dict[str, Json],
        read: Callable[[JsonObject], Answer],
        *,
        waits_if_busy: bool = True,
    ) -> Answer:
        headers = {**self._headers(), "Idempotency-Key": self._new_key()}
        request = self._http.build_request("POST", self._base + path, json=body, headers=headers, timeout=_timeout(0))
        return _parsed(operation, self._send(operation, request, waits_if_busy=waits_if_busy), read)

    def _headers(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    def _send(self, operation: str, request: httpx.Request, *, waits_if_busy: bool = True) -> httpx.Response:
        tries = 0
        while True:
            tries += 1
            self.requests[operation] += 1
            retry_after: str | None = None
            failure: ApiProblem | ServerUnreachable
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                failure = ServerUnreachable(f"{operation}: no answer after {tries} tries: {error}")
                failure.__cause__ = error
                is_repeatable = True
            else:
                if response.is_success:
                    return response
                failure = _problem(response)
                retry_after = response.headers.get("Retry-After")
                is_busy = failure.code == "SESSION_BUSY"
                is_repeatable = failure.status in _COME_BACK_LATER or (is_busy and waits_if_busy)
            pause = self._repeats.pause_after(tries, retry_after) if is_repeatable else None
            if pause is None:
                raise failure
            self._on_repeat(operation, failure)
            self.clock.sleep(pause)


def _session(session_id: str) -> str:
    return f"/sessions/{quote(session_id, safe='')}"


def _given(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}


def _timeout(wait_seconds: int) -> httpx.Timeout:
    return httpx.Timeout(_ANSWER_SECONDS + wait_seconds, connect=_CONNECT_SECONDS)


def _parsed(operation: str, response: httpx.Response, read: Callable[[JsonObject], Answer]) -> Answer:
    try:
        return read(response.json())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenAnswer(f"{operation}: {response.status_code}, but not what the contract says: {error!r}") from error


def _problem(response: httpx.Response) -> ApiProblem:
    status = response.status_code
    trace = response.headers.get("X-Correlation-Id")
    try:
        raw = response.json()
        errors = tuple(FieldError(str(one["field"]), str(one["message"])) for one in raw.get("errors") or ())
        return ApiProblem(status, str(raw["code"]), str(raw["detail"]), raw.get("correlation_id", trace), errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Proxies and gateways in between answer in their own words, which may be a whole page.
        return ApiProblem(status, f"HTTP_{status}", response.text[:500] or response.reason_phrase, trace)
