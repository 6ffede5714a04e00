"""Requests that are sent again when that can help."""

import uuid
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import httpx

from clients.pacing import Clock, Repeats, SystemClock
from clients.problems import ApiProblem, BrokenAnswer, FieldError, ServerUnreachable
from clients.views import Json, JsonObject

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


class Transport:
    """Reads and commands of one user at one server, under the contract's rules for repeats.

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
        method: str = "POST",
        waits_if_busy: bool = True,
    ) -> Answer:
        headers = {**self._headers(), "Idempotency-Key": self._new_key()}
        request = self._http.build_request(method, self._base + path, json=body, headers=headers, timeout=_timeout(0))
        return _parsed(operation, self._send(operation, request, waits_if_busy=waits_if_busy), read)

    def _foreign_text(self, operation: str, url: str) -> str:
        """Return what lies at an address outside the API, to which our token is not shown."""
        return self._send(operation, self._http.build_request("GET", url, timeout=_timeout(0))).text

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
