"""The service with its neighbours around one table: it is asked, delivered to, let alone, and set back in time."""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure, StorageUnavailable
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import RENEWAL_SECONDS, Holder, Lease
from domain.ports import Clock, Ids, ModelClient, SessionLockManager, TurnQueue
from functions.adapters.aws import Aws
from functions.adapters.heartbeat import Heartbeat
from functions.adapters.models.offline import OfflineModel
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam
from functions.catalog import CATALOG, Commits, Queue, Schedule, row
from functions.runtime.composition import compose
from infra.local.dynamodb_local import DynamoDbLocal
from tests.faults.crashes.fate import Fate, FatefulAws, Struck, suffer, told
from tests.faults.crashes.neighbours import DEAD, QUEUES, Held, Neighbours, Queued
from tests.support.dynamodb import plain_client
from tests.support.edge import LambdaContext, started
from tests.support.fakes import CountingIds, FakeClock
from tests.support.stepped import Stepped
from tests.support.stored import Raw, commits_in, put_back, scan, stored
from tests.support.system import SETTINGS, System

LONGEST_REST_SECONDS = 130
"""Longer than any queue hides a message from which nobody was heard, shorter than an approval waits for a person."""
MOST_DELIVERIES = 60
_WRITES = ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem")
_PUBLISHER = next(function.name for function in CATALOG if isinstance(function.trigger, Commits))
FAILED = {"statusCode": 503}
"""How a schedule's function fails: Lambda is told by an error, since nobody else would try again."""
BACK = "back"
"""What the model says when its circuit closes."""


HOLDER: ContextVar[Holder | None] = ContextVar("holder", default=None)
"""Who the running invocation is to the lock; of the newest one where nothing runs."""


@dataclass(frozen=True)
class Arrival:
    """What arrives at a function.

    Attributes:
        function: Name of the catalog's row.
        event: As Lambda gives it; empty for a message of a queue, which is received anew each time.
        message_id: Of that message.
    """

    function: str
    event: Mapping[str, Any]
    message_id: str = ""


@dataclass(frozen=True)
class Moment:
    """Everything there is, at one time."""

    raw: Raw
    held: Held
    seconds: float
    ids: CountingIds


class World:
    """One deployment: real functions, adapters and table, neighbours that remember, a clock moved by hand."""

    def __init__(self, dynamodb: DynamoDbLocal, table: str) -> None:
        self.clock = BeatingClock(self._beat)
        self.neighbours = Neighbours(self.clock)
        self.ids = CountingIds()
        self._table = table
        self._client = plain_client(dynamodb.port)
        self._seam = IoSeam()
        self._seen: tuple[int, Raw] | None = None
        self._system = self._compose()
        self._functions: dict[str, Any] = {}
        self._leases: dict[str, Lease | None] = {}

    @property
    def held(self) -> Held:
        """What the neighbours remember."""
        return self.neighbours.held

    def raw(self) -> Raw:
        """Return every item of the table; asks it only when somebody has written since."""
        if self._seen is None or self._seen[0] != self._written:
            self._seen = self._written, scan(self._client, self._table)
        return self._seen[1]

    @property
    def _written(self) -> int:
        return sum(self._seam.requests[f"dynamodb.{operation}"] for operation in _WRITES)

    def moment(self) -> Moment:
        """Return everything as it is."""
        return Moment(self.raw(), self.held.copy(), self.clock.seconds, copy(self.ids))

    def digest(self) -> str:
        """Return the same text for the same state, and another for any other."""
        everything = sorted(self.raw().items()), self.held.told(), self.clock.seconds, vars(self.ids)
        return sha256(json.dumps(everything, sort_keys=True, default=repr).encode()).hexdigest()

    def go_back(self, moment: Moment) -> None:
        """Let everything be as it was."""
        put_back(self._client, self._table, now=self.raw(), then=moment.raw)
        self._seen = self._written, moment.raw
        self.neighbours.held = moment.held.copy()
        self.clock.seconds = moment.seconds
        vars(self.ids).update(vars(moment.ids))
        self._leases.clear()

    def arrive(self, arrival: Arrival, fate: Fate | None = None, *, is_heard: bool = True) -> Struck:
        """Let a function see to what arrives; where nobody hears how it ended, it comes back."""
        struck: Struck = self._invocation(arrival, fate or Fate())()
        if is_heard:
            self.settle(arrival, struck)
        return struck

    def begin(self, arrival: Arrival, fate: Fate) -> Stepped:
        """Let a function see to what arrives until it is paused or over; who lets it end must `settle` it."""
        return Stepped(self._invocation(arrival, fate))

    def settle(self, arrival: Arrival, struck: Struck) -> None:
        """Do what the machinery does when a function has returned: a done message is deleted, a batch is left behind.

        Nobody heard of one that was killed, so what it saw to comes back.
        """
        if struck.was_killed or struck.result.get("batchItemFailures"):
            return
        self.held.messages = [message for message in self.held.messages if message.id != arrival.message_id]
        if isinstance(row(arrival.function).trigger, Commits):
            self.held.relayed |= set(map(_keys, arrival.event["Records"]))

    def unpublished(self) -> Arrival | None:
        """Return what the stream delivers next; None when everything was taken."""
        left = [(key, item) for key, item in commits_in(self.raw()) if key not in self.held.relayed]
        return Arrival(_PUBLISHER, {"Records": [_record(key, item) for key, item in left]}) if left else None

    def due(self, before: float) -> Arrival | None:
        """Return the message that is delivered next, if that is before the clock shows `before`."""
        message = min(self.held.messages, key=lambda message: message.visible_at, default=None)
        if message is None or message.visible_at > before:
            return None
        return Arrival(message.function, {}, message.id)

    def rest(self) -> None:
        """Let stream and queues do all that is due, and what comes back within two minutes."""
        latest = self.clock.seconds + LONGEST_REST_SECONDS
        for _ in range(MOST_DELIVERIES):
            arrival = self.unpublished() or self.due(latest)
            if arrival is None:
                return
            self.arrive(arrival)
        raise AssertionError("Queues and stream never come to rest.")

    def copy(self, message: Queued) -> Arrival:
        """Deliver a message once more, at once, as SQS may, whether it was deleted or not."""
        self.held.messages = [other for other in self.held.messages if other.id != message.id]
        self.held.messages.append(replace(message, visible_at=self.clock.seconds))
        return Arrival(message.function, {}, message.id)

    def _received(self, arrival: Arrival) -> Mapping[str, Any]:
        message = self.held.message(arrival.message_id)
        if message is None:
            return arrival.event
        self.clock.seconds = max(self.clock.seconds, message.visible_at)
        message.receives += 1
        message.receipt = f"receipt-{self.held.next_number()}"
        message.visible_at = self.clock.seconds + row(message.function).timeout_seconds
        record = {"messageId": message.id, "receiptHandle": message.receipt, "body": message.body}
        return {"Records": [record]}

    def bury(self, message: Queued) -> Arrival:
        """Give a message up, as a queue does after so many deliveries; return what the dead letters' function sees."""
        trigger = QUEUES[message.queue].trigger
        assert isinstance(trigger, Queue)
        message.receives, message.visible_at = trigger.max_receives, self.clock.seconds
        message.function = DEAD[message.queue].name
        return Arrival(message.function, {}, message.id)

    def _invocation(self, arrival: Arrival, fate: Fate) -> Callable[[], Struck]:
        event = self._received(arrival)
        message = self.held.message(arrival.message_id)
        holder = Holder(
            name=f"invocation-{self.held.next_number()}",
            cover=arrival.message_id,
            receipt=message.receipt if message else "",
        )

        def invoke() -> Any:
            HOLDER.set(holder)
            try:
                return self._function(arrival.function)(event, LambdaContext(holder.name))
            except StorageUnavailable:
                if not isinstance(row(arrival.function).trigger, Schedule):
                    raise
                return FAILED

        return lambda: suffer(fate, invoke)

    def _function(self, name: str) -> Any:
        if name not in self._functions:
            self._functions[name] = started(name, self._system)
        return self._functions[name]

    def _beat(self) -> None:
        """Do what the heartbeat of the running invocation does now, if it holds a session."""
        holder = HOLDER.get()
        if holder is None or self._beats(self._leases.get(holder.name)):
            return
        self._leases[holder.name] = lease = self._lease(holder)
        self._beats(lease)

    def _beats(self, lease: Lease | None) -> bool:
        locks, queue = self._system.get(SessionLockManager), self._system.get(TurnQueue)
        return lease is not None and Heartbeat(locks, queue, lease).beat()

    def _lease(self, holder: Holder) -> Lease | None:
        store = stored(self.raw())
        for key, (taken_by, until) in store.locks.items():
            if taken_by.name == holder.name:
                session = store.heads[key]
                return Lease(key=key, holder=holder, fence=session.fence, session=session, until=until)
        return None

    def _compose(self) -> System:
        container = compose(replace(SETTINGS, table=self._table))
        container.register(Clock, lambda: self.clock)
        container.register(Ids, lambda: self.ids)
        seam = self._seam
        container.register(IoSeam, lambda: seam)
        seam.listen(told)
        aws, retries = FatefulAws(seam, self.neighbours), container.get(RetryHandler)
        container.register(Aws, lambda: aws)
        container.register(
            ModelClient, lambda: ResilientModelClient(BreakableModel(self.clock), retries, self.clock, seam)
        )
        return System(container)


class BeatingClock(FakeClock):
    """A clock on which sleeping takes no time, and during which hearts beat."""

    def __init__(self, beat: Callable[[], None]) -> None:
        super().__init__()
        self._beat = beat

    def sleep(self, seconds: float) -> None:
        """Let the time pass from beat to beat."""
        awake = self.seconds + seconds
        while self.seconds + RENEWAL_SECONDS < awake:
            self.advance(RENEWAL_SECONDS)
            self._beat()
        self.seconds = max(awake, self.seconds)


class BreakableModel:
    """The offline model behind a circuit that opens when its provider answers 500, and closes when it is back."""

    name = OfflineModel.name

    def __init__(self, clock: Clock) -> None:
        self._inner = OfflineModel(clock)

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer as the offline model does."""
        try:
            answer = self._inner.complete(request)
        except ModelFailure as failure:
            failure.circuit = (CircuitChange.OPENED,) if failure.status == "500" else ()
            raise
        return answer.model_copy(update={"circuit": (CircuitChange.CLOSED,) if answer.text == BACK else ()})


def _record(key: tuple[str, str], item: Mapping[str, Any]) -> dict[str, Any]:
    pk, sk = key
    keys = {"PK": {"S": pk}, "SK": {"S": sk}}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": item, "SequenceNumber": sk}}


def _keys(record: Mapping[str, Any]) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return keys["PK"]["S"], keys["SK"]["S"]
