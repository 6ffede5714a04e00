"""JSON posted over HTTP, with one deadline for all of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from domain.ports import Clock
from functions.adapters.models.failures import failure

CONNECT_SECONDS = 5.0
_CHUNK_BYTES = 64 * 1024
_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class HttpAnswer:
    """What came back.

    Attributes:
        retry_after: The header of that name; None without one.
        body: None when it is no JSON object.
    """

    status: int
    retry_after: str | None
    body: dict[str, Any] | None


class JsonOverHttp:
    """Keeps connections open between posts; repeats nothing, follows no redirect, asks no proxy."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pool = urllib3.PoolManager(retries=False)

    def post(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        """Return the answer, whatever its status.

        Raises:
            ModelFailure: none came in time, or not all of it.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, timeout_seconds), read=timeout_seconds)
        sent = json.dumps(body).encode()
        try:
            response = self._pool.request(
                "POST",
                url,
                body=sent,
                headers={"Content-Type": "application/json", "Accept": "application/json", **headers},
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
            try:
                content = self._read(response, deadline)
            except BaseException:
                # What is left of it must not be taken for the beginning of the next answer.
                response.close()
                raise
            response.release_conn()
        except HTTPError as error:
            is_late = isinstance(error, ReadTimeoutError | ConnectTimeoutError)
            # In urllib3 1 a refused connection is a kind of timeout.
            if is_late and not isinstance(error, NewConnectionError):
                raise failure("timeout", "The model did not answer in time.") from error
            raise failure("connection", "The connection to the model failed.") from error
        return HttpAnswer(response.status, response.headers.get("Retry-After"), _json_object(content))

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """Return the body; servers that keep a connection alive with blanks never let a read time out."""
        content = bytearray()
        for chunk in response.stream(_CHUNK_BYTES):
            content += chunk
            if self._clock.monotonic() > deadline:
                raise failure("timeout", "The model did not answer in time.")
            if len(content) > _MAX_BYTES:
                raise failure("broken", "The model's answer has no end.")
        return bytes(content)


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
