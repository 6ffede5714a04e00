"""AWS without a socket: botocore's own clients, whose requests are answered from a script."""

import json
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.session import Session

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam

Answer = dict[str, Any] | tuple[int, str] | Exception | Callable[[dict[str, Any]], dict[str, Any]]
"""A body; status and error code; what the connection raises; or a function of the request's body."""
REGION = "us-east-1"


class AwsTransport:
    """Answers requests in order, the last answer for ever.

    Attributes:
        bodies: Of the requests so far; None where a service does not speak JSON.
    """

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.bodies: list[Any] = []

    def attach(self, session: Session) -> None:
        """Answer every client that `session` makes from now on."""
        session.register("before-send.*.*", self._send)

    def client(self, session: Session, service: str, config: Config | None = None) -> Any:
        """Return a client of `session` that this transport answers."""
        self.attach(session)
        return session.create_client(
            service, REGION, aws_access_key_id="test", aws_secret_access_key="test", config=config
        )

    def _send(self, **call: Any) -> Any:
        request: AWSPreparedRequest = call["request"]
        is_json = "json" in str(request.headers.get("Content-Type"))
        body = json.loads(call["request"].body) if is_json else None
        self.bodies.append(body)
        answer: Any = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            status, code = answer
            return _response(request, status, {"__type": code, "message": "scripted"})
        return _response(request, 200, answer(body) if callable(answer) else answer)


class ScriptedAws(Aws):
    """The real clients on a scripted transport, without retries of their own, since those sleep."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(IoSeam())
        self.transport = AwsTransport(*answers)

    def client(self, service: str) -> Any:
        """Return a client that tries once."""
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
            self._clients[service] = self.transport.client(self._own_session(), service, config)
        return self._clients[service]


class _Raw:
    """The body of an answer as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        """Yield everything at once."""
        yield self._content


def _response(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    raw: Any = _Raw(json.dumps(body).encode() if body else b"")
    return AWSResponse(request.url, status, headers, raw)
