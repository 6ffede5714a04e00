"""S3, SQS and EventBridge as a function meets them: botocore's own clients, answered here, remembered and put back.

The queue is SQS's: at least once, hidden while it is worked on, back when its time is over, dead after so many
deliveries. What no emulator lets a test do, it does: it stands still, and is set back to where it was.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from domain.model.log import CommitKey, Event
from domain.ports import Clock
from functions.adapters.eventbridge.envelope import from_envelope
from functions.catalog import CATALOG, DeadLetters, Function, Queue

QUEUES: dict[str, Function] = {row.trigger.name: row for row in CATALOG if isinstance(row.trigger, Queue)}
"""Who works off a queue, by the queue's name."""
DEAD: dict[str, Function] = {row.trigger.queue: row for row in CATALOG if isinstance(row.trigger, DeadLetters)}
"""Who works off a queue's dead letters, by the name of the queue that they come from."""
PARKED = "parked"


@dataclass
class Queued:
    """A message in a queue.

    Attributes:
        function: Who it is delivered to; its queue's function, or that of the dead letters.
        visible_at: When it can be delivered again.
        receipt: Of its newest delivery; older ones have no power over it.
        receives: Deliveries so far.
    """

    id: str
    queue: str
    function: str
    body: str
    visible_at: float
    receipt: str = ""
    receives: int = 0


@dataclass
class Held:
    """Everything that the neighbours remember.

    Attributes:
        published: What the bus took, in order, repeats included.
        refusals: Facts that the bus refuses from now on, by type: how often.
        relayed: Commits that the stream has left behind, by their keys.
    """

    messages: list[Queued] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    published: list[Event] = field(default_factory=list)
    parked: list[CommitKey] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    relayed: set[tuple[str, str]] = field(default_factory=set)
    numbers: int = 0

    def copy(self) -> "Held":
        """Return a memory of its own, which remembers the same; facts and keys never change, so they are shared."""
        return Held(
            messages=[replace(message) for message in self.messages],
            objects=dict(self.objects),
            published=list(self.published),
            parked=list(self.parked),
            refusals=self.refusals.copy(),
            relayed=set(self.relayed),
            numbers=self.numbers,
        )

    @property
    def was_refusing(self) -> bool:
        """Whether the bus was told to refuse facts at any time."""
        return bool(self.refusals)

    def next_number(self) -> int:
        """Return a number that was not given before."""
        self.numbers += 1
        return self.numbers

    def told(self) -> tuple[object, ...]:
        """Return everything in one order: facts by ids, as the log has them, and objects by names, which are hashes."""
        events = [event.event_id for event in self.published]
        objects, refusals = sorted(self.objects), sorted(self.refusals.items())
        return self.messages, objects, events, self.parked, refusals, sorted(self.relayed), self.numbers

    def message(self, message_id: str) -> Queued | None:
        """Return a message that is in a queue still; None when it was deleted."""
        return next((message for message in self.messages if message.id == message_id), None)


class Neighbours:
    """Answers what the clients of one process ask.

    Attributes:
        held: What they remember; exchanged to go back to another time.
    """

    def __init__(self, clock: Clock) -> None:
        self.held = Held()
        self._clock = clock

    def answer(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        """Carry a request out and return the answer to it.

        Raises:
            LookupError: nobody has said yet how this operation is answered.
        """
        match service, operation:
            case "s3", "PutObject":
                self.held.objects[_object(request)] = _sent(request)
                return _response(request, 200, b"", {"ETag": '"etag"'})
            case "s3", "GetObject":
                return self._object(request)
            case "sqs", "ChangeMessageVisibility":
                return self._hide(request)
            case "sqs", "SendMessageBatch":
                return self._park(request)
            case "eventbridge", "PutEvents":
                return self._put_events(request)
        raise LookupError(f"Add {service}.{operation} to tests/faults/crashes/neighbours.py.")

    def _object(self, request: AWSPreparedRequest) -> AWSResponse:
        content = self.held.objects.get(_object(request))
        if content is None:
            told = f"<Error><Code>NoSuchKey</Code><Message>{escape(request.url)}</Message></Error>"
            return _response(request, 404, told.encode())
        return _response(request, 200, content)

    def _hide(self, request: AWSPreparedRequest) -> AWSResponse:
        asked = json.loads(_sent(request))
        message = next((one for one in self.held.messages if one.receipt == asked["ReceiptHandle"]), None)
        if message is None:
            return _json(request, {"__type": "com.amazonaws.sqs#InvalidParameterValue"}, status=400)
        message.visible_at = self._clock.monotonic() + asked["VisibilityTimeout"]
        return _json(request, {})

    def _park(self, request: AWSPreparedRequest) -> AWSResponse:
        entries = json.loads(_sent(request))["Entries"]
        self.held.parked += [CommitKey.model_validate_json(entry["MessageBody"]) for entry in entries]
        taken = [{"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": ""} for entry in entries]
        return _json(request, {"Successful": taken, "Failed": []})

    def _put_events(self, request: AWSPreparedRequest) -> AWSResponse:
        answers = [self._take(entry) for entry in json.loads(_sent(request))["Entries"]]
        return _json(
            request, {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}
        )

    def _take(self, entry: Mapping[str, Any]) -> dict[str, str]:
        fact = entry["DetailType"]
        if self.held.refusals[fact] > 0:
            self.held.refusals[fact] -= 1
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "scripted"}
        envelope = {"detail-type": fact, "source": entry["Source"], "detail": json.loads(entry["Detail"])}
        event = from_envelope(envelope)
        self.held.published.append(event)
        for queue, row in QUEUES.items():
            assert isinstance(row.trigger, Queue)
            if any(subscription.matches(event.fact) for subscription in row.trigger.subscriptions):
                number = self.held.next_number()
                message = Queued(f"m{number}", queue, row.name, json.dumps(envelope), self._clock.monotonic())
                self.held.messages.append(message)
        return {"EventId": event.event_id}


def _object(request: AWSPreparedRequest) -> str:
    return urlsplit(request.url).path


def _sent(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body or b""
    content: bytes = body.read() if hasattr(body, "read") else body
    return content


class _Body(BytesIO):
    """What botocore takes for the socket of an answer."""

    def stream(self, **_: Any) -> Any:
        """Yield the body."""
        yield self.read()


def _json(request: AWSPreparedRequest, body: Mapping[str, Any], status: int = 200) -> AWSResponse:
    return _response(request, status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.0"})


def _response(
    request: AWSPreparedRequest, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> AWSResponse:
    told = HTTPHeaders.from_dict({"Content-Length": str(len(body)), "x-amzn-requestid": "scripted", **(headers or {})})
    return AWSResponse(request.url, status, told, _Body(body))
