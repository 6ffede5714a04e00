"""Stands between the service and DynamoDB: answers in its place, loses its answers, or is silent.

No emulator ever refuses a transaction because of another one, throttles, or fails; AWS does all three.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam, Phase
from tests.support.system import System

Behaviour = Callable[[AWSPreparedRequest], AWSResponse | None]
"""What becomes of one request; None lets it through."""

TYPE_PREFIX = "com.amazonaws.dynamodb.v20120810#"
NO_REASON = {"Code": "None"}


class Wire:
    """The wire of one system; what is planned for an operation happens to its next requests, one each."""

    def __init__(self, system: System) -> None:
        self._planned: defaultdict[str, deque[Behaviour]] = defaultdict(deque)
        self._seam: IoSeam = system.get(IoSeam)
        client = system.get(Aws).client("dynamodb")
        client.meta.events.register("before-send.dynamodb", self._before_send)

    def plan(self, operation: str, *behaviours: Behaviour) -> None:
        """Let the next requests of `operation` meet these behaviours in turn."""
        self._planned[operation] += behaviours

    @property
    def is_idle(self) -> bool:
        """Whether everything planned has happened."""
        return not any(self._planned.values())

    def sent(self, operation: str) -> int:
        """Return how many requests of `operation` went out so far, retries included."""
        return self._seam.requests[f"dynamodb.{operation}"]

    def _before_send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        planned = self._planned[event_name.rsplit(".", 1)[1]]
        return planned.popleft()(request) if planned else None


def error(code: str, *, status: int = 400, **fields: Any) -> Behaviour:
    """Return the behaviour of a service that refuses with `code`."""
    return lambda request: _response(request, status, {"__type": TYPE_PREFIX + code, "message": "scripted"} | fields)


def cancelled(*codes: str | None) -> Behaviour:
    """Return the behaviour of a transaction that is cancelled for these reasons, None where an item was no reason."""
    reasons = [{"Code": code, "Message": "scripted"} if code else NO_REASON for code in codes]
    return error("TransactionCanceledException", CancellationReasons=reasons)


def unanswered(request: AWSPreparedRequest) -> AWSResponse | None:
    """Lose a request: nothing arrives, and after a while the caller gives up."""
    raise ReadTimeoutError(endpoint_url=request.url)


def answer_lost(request: AWSPreparedRequest) -> AWSResponse | None:
    """Lose an answer: the request arrives and is carried out, but nobody is told."""
    URLLib3Session(timeout=5).send(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def fail_calls(
    system: System, operation: str, failure: Exception, *, phase: Phase = Phase.BEFORE, times: int = 1
) -> None:
    """Let the next calls of `operation` fail as they do when the SDK's own retries are used up, without their waits."""
    remaining = iter(range(times))

    def listener(at: Phase, told: str) -> None:
        if at is phase and told == f"dynamodb.{operation}" and next(remaining, None) is not None:
            raise failure

    seam: IoSeam = system.get(IoSeam)
    seam.listen(listener)


class _Body(BytesIO):
    """What botocore takes for the socket of an answer."""

    def stream(self, **_: Any) -> Any:
        """Yield the body."""
        yield self.read()


def _response(request: AWSPreparedRequest, status: int, body: Mapping[str, Any]) -> AWSResponse:
    headers = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0", "x-amzn-requestid": "scripted"})
    return AWSResponse(request.url, status, headers, _Body(json.dumps(body).encode()))
