"""AWS around one function: DynamoDB Local, and the other services in memory, all of which fail when they are told to.

Everything happens on the wire, so botocore's own retries, parsers and checks are part of what is tried.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from threading import current_thread
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from domain.ports import Clock, Ids
from functions.adapters.aws import Aws
from functions.runtime.composition import compose
from tests.support import aws_wire, bedrock_wire
from tests.support.dynamodb import quick
from tests.support.fakes import CountingIds, FakeClock
from tests.support.system import SETTINGS, System

LONGEST_WAIT_SECONDS = 2.0
"""Between two of botocore's three tries; it waits a random part of it."""
_models = count(1)


@dataclass(frozen=True)
class Sent:
    """A request on its way.

    Attributes:
        service: As botocore names its events.
        operation: Of that service.
        clock: Stands still while nobody waits.
        patience: Seconds after which the client stops reading.
        carry_out: Lets the request arrive; returns the answer.
    """

    service: str
    operation: str
    request: AWSPreparedRequest
    clock: FakeClock
    patience: float
    carry_out: Callable[[], AWSResponse]


Fault = Callable[[Sent], AWSResponse]
"""What becomes of a request instead of the usual; may raise what a connection raises."""


@dataclass
class Planned:
    """Which requests of an operation fail, and how."""

    operation: str
    fault: Fault
    first: int
    times: float


@dataclass
class Neighbours:
    """The services, and what they were asked.

    Attributes:
        sent: Requests by `service.Operation`, retries included, those of the heartbeat's thread not.
        objects: Of the bucket.
        taken: Ids of events on the bus, in order.
        parked: Bodies of messages in the queue of parked commits.
        hidden: Receipts and seconds of messages that were hidden further.
    """

    clock: FakeClock
    sent: Counter[str] = field(default_factory=Counter)
    objects: dict[str, bytes] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    _patience: dict[str, float] = field(default_factory=dict)

    def fail(self, operation: str, fault: Fault, *, first: int = 1, times: float = 1) -> None:
        """Let requests of `operation` fail from the `first` from now on, so many times."""
        self.planned.append(Planned(operation, fault, self.sent[operation] + first, times))

    def recover(self) -> None:
        """Let everything work again."""
        self.planned.clear()

    def note(self, **call: Any) -> None:
        """Remember how long a client waits for its answer."""
        self._patience[call["event_name"].removeprefix("before-call.")] = call["context"]["client_config"].read_timeout

    def answer(self, **call: Any) -> Any:
        """Answer a request; None lets it through to DynamoDB Local."""
        if current_thread().name == "heartbeat":
            # Beats by the machine's clock, so how often is nobody's to say.
            return None
        request: AWSPreparedRequest = call["request"]
        name: str = call["event_name"].removeprefix("before-send.")
        service, _, operation = name.partition(".")
        self.sent[name] += 1
        patience = self._patience[name]
        sent = Sent(
            service, operation, request, self.clock, patience, lambda: self._carried_out(service, operation, request)
        )
        for planned in self.planned:
            if planned.operation == name and planned.first <= self.sent[name] < planned.first + planned.times:
                return planned.fault(sent)
        return None if service == aws_wire.DYNAMODB else sent.carry_out()

    def _carried_out(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        if service == aws_wire.DYNAMODB:
            return URLLib3Session(timeout=10).send(request)
        answers: dict[str, Callable[[AWSPreparedRequest], Any]] = {
            "PutObject": self._put_object,
            "GetObject": lambda asked: self.objects[asked.url],
            "PutEvents": self._put_events,
            "SendMessageBatch": self._send_messages,
            "ChangeMessageVisibility": self._hide,
            "Converse": lambda _: bedrock_wire.answer("It says hello.", usage=(7, 3)),
        }
        return aws_wire.success(service, request, answers[operation](request))

    def _put_object(self, request: AWSPreparedRequest) -> bytes:
        body: Any = request.body
        self.objects[request.url] = body if isinstance(body, bytes) else body.read()
        return b""

    def _put_events(self, request: AWSPreparedRequest) -> dict[str, Any]:
        ids = [json.loads(entry["Detail"])["metadata"]["event_id"] for entry in _body(request)["Entries"]]
        self.taken += ids
        return {"FailedEntryCount": 0, "Entries": [{"EventId": f"e-{id_}"} for id_ in ids]}

    def _send_messages(self, request: AWSPreparedRequest) -> dict[str, Any]:
        entries = _body(request)["Entries"]
        self.parked += [entry["MessageBody"] for entry in entries]
        return {"Successful": [{"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""} for entry in entries]}

    def _hide(self, request: AWSPreparedRequest) -> dict[str, Any]:
        asked = _body(request)
        self.hidden.append((asked["ReceiptHandle"], asked["VisibilityTimeout"]))
        return {}


def _body(request: AWSPreparedRequest) -> dict[str, Any]:
    content: Any = request.body
    body: dict[str, Any] = json.loads(content)
    return body


@contextmanager
def surrounded(table: str, clock: FakeClock, **settings: str) -> Iterator[tuple[System, Neighbours]]:
    """Return the service as it is deployed, on `table`, and its neighbours.

    Only the clock and the ids are not the real ones: whoever waits moves the clock, and every wait is the longest.
    Each call has a model of its own, since Powertools counts a model's failures for the whole process.
    """
    chosen = {"table": table, "model": "bedrock", "model_id": f"test.model-{next(_models)}"} | settings
    container = compose(replace(SETTINGS, **chosen))
    ids = CountingIds()
    container.register(Clock, lambda: clock)
    container.register(Ids, lambda: ids)
    neighbours = Neighbours(clock)
    session = quick(container.get(Aws)._own_session())
    session.register("before-call.*.*", neighbours.note)
    session.register("before-send.*.*", neighbours.answer)
    waiting = SimpleNamespace(sleep=lambda _: clock.advance(LONGEST_WAIT_SECONDS))
    with pytest.MonkeyPatch.context() as patch:
        # Over TLS the body of an object would come in signed chunks.
        patch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
        patch.setattr("botocore.endpoint.time", waiting)
        yield System(container), neighbours
