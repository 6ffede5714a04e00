"""What requests to DynamoDB cost, in requests and in units as AWS bills them.

Knows nothing of this service and imports nothing that a peer of the benchmark does not bring: all are measured by the
same code, each in its own environment. Write units are computed from the items before and after each write, because
DynamoDB Local reports the capacity of transactions wrongly; read units are what it reports, which is right but for
missing keys of a batch.

Source:
    Amazon DynamoDB Developer Guide: "DynamoDB read and write operations", "Managing complex workflows with
    transactions" and "Throughput considerations for global secondary indexes".
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import botocore

from tests.support.item_size import RawItem, item_bytes, units

TRANSACTION_FACTOR = 2
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
IN_PROGRESS = "capacity"
"""Under this key a request carries its body and what it is about to write."""


@dataclass(frozen=True)
class Capacity:
    """What was used.

    Attributes:
        requests: HTTP requests to DynamoDB, retries included.
        writes: Write units, the indexes' included.
        reads: Read units; half a one for what need not be the newest.
    """

    requests: int = 0
    writes: int = 0
    reads: float = 0.0

    def __add__(self, other: "Capacity") -> "Capacity":
        return Capacity(self.requests + other.requests, self.writes + other.writes, self.reads + other.reads)

    def __sub__(self, other: "Capacity") -> "Capacity":
        return Capacity(self.requests - other.requests, self.writes - other.writes, self.reads - other.reads)


@dataclass(frozen=True)
class _Index:
    """A global secondary index; `attributes` None when it repeats whole items."""

    keys: tuple[str, ...]
    attributes: frozenset[str] | None

    def entry(self, item: RawItem) -> RawItem:
        """Return an item's entry, empty when it has none."""
        if not all(name in item for name in self.keys):
            return {}
        return {name: value for name, value in item.items() if self.attributes is None or name in self.attributes}

    def units(self, before: RawItem, after: RawItem) -> int:
        """Return one unit for an entry that comes, goes or changes, and one each for leaving and arriving."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old and new and any(old[name] != new[name] for name in self.keys):
            return units(item_bytes(old)) + units(item_bytes(new))
        return units(max(item_bytes(old), item_bytes(new)))


@dataclass(frozen=True)
class _Table:
    name: str
    keys: tuple[str, ...]
    indexes: tuple[_Index, ...]


@dataclass(frozen=True)
class _Write:
    """One item that a request in progress writes, as it was before."""

    table: _Table
    key: RawItem
    before: RawItem
    factor: int


class CapacityMeter:
    """Adds up what every watched client uses.

    Threads may share it as long as no two write one item at the same time: items are looked at before and after each
    request that writes them.
    """

    def __init__(self, client: Any) -> None:
        """Look at items through `client`, which nobody watches."""
        self._client = client
        self._tables: dict[str, _Table] = {}
        self._lock = Lock()
        self.used = Capacity()

    @contextmanager
    def watching_new_sessions(self) -> Iterator[None]:
        """Watch every client of every botocore session that is made inside the context."""
        botocore.register_initializer(self.watch)
        try:
            yield
        finally:
            botocore.unregister_initializer(self.watch)

    def watch(self, hooks: Any) -> None:
        """Watch a client (its `meta.events`), or all that a botocore session makes from now on (the session)."""
        hooks.register("before-parameter-build.dynamodb", self._ask_for_capacity)
        hooks.register("before-call.dynamodb", self._before)
        hooks.register("before-send.dynamodb", self._sent)
        hooks.register("after-call.dynamodb", self._after)

    def _ask_for_capacity(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in READS:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _before(self, model: Any, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        writes = [self._write(table, action, factor) for table, action, factor in _written(model.name, body)]
        context[IN_PROGRESS] = body, writes

    def _sent(self, **_: Any) -> None:
        self._add(Capacity(requests=1))

    def _after(self, model: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        body, writes = context.pop(IN_PROGRESS)
        reads = _read(body, parsed) if model.name in READS else 0.0
        self._add(Capacity(writes=sum(self._units(write) for write in writes), reads=reads))

    def _add(self, used: Capacity) -> None:
        with self._lock:
            self.used += used

    def _write(self, table_name: str, action: Mapping[str, Any], factor: int) -> _Write:
        table = self._table(table_name)
        named = action.get("Key") or action["Item"]
        key = {name: _as_client_takes(named[name]) for name in table.keys}
        return _Write(table, key, self._item(table, key), factor)

    def _units(self, write: _Write) -> int:
        before, after = write.before, self._item(write.table, write.key)
        own = write.factor * units(max(item_bytes(before), item_bytes(after)))
        return own + sum(index.units(before, after) for index in write.table.indexes)

    def _item(self, table: _Table, key: RawItem) -> RawItem:
        found: RawItem = self._client.get_item(TableName=table.name, Key=key, ConsistentRead=True).get("Item", {})
        return found

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            told = self._client.describe_table(TableName=name)["Table"]
            keys = _key_names(told)
            indexes = tuple(_index(index, keys) for index in told.get("GlobalSecondaryIndexes", ()))
            self._tables[name] = _Table(name, keys, indexes)
        return self._tables[name]


def _written(operation: str, body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], int]]:
    """Yield, for every item that a request writes, its table, what names it, and what its units are multiplied by."""
    match operation:
        case "TransactWriteItems":
            for item in body["TransactItems"]:
                for action in item.values():
                    yield action["TableName"], action, TRANSACTION_FACTOR
        case "BatchWriteItem":
            for table, requests in body["RequestItems"].items():
                for request in requests:
                    for action in request.values():
                        yield table, action, 1
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield body["TableName"], body, 1
        case _ if operation not in READS:
            raise ValueError(f"Nobody has said yet what {operation} costs.")


def _read(body: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    """Return the units that an answer names, and for a batch those of keys that are not there: AWS bills them, too."""
    told = parsed.get("ConsumedCapacity", ())
    units_told = float(sum(of["CapacityUnits"] for of in ([told] if isinstance(told, dict) else told)))
    for table, found in parsed.get("Responses", {}).items():
        asked = body["RequestItems"][table]
        units_told += (len(asked["Keys"]) - len(found)) * (1.0 if asked.get("ConsistentRead") else 0.5)
    return units_told


def _as_client_takes(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a key's value off the wire as botocore takes it: bytes are encoded there."""
    return {"B": base64.b64decode(value["B"])} if "B" in value else value


def _key_names(described: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in described["KeySchema"])


def _index(described: Mapping[str, Any], table_keys: tuple[str, ...]) -> _Index:
    keys = _key_names(described)
    projection = described["Projection"]
    if projection["ProjectionType"] == "ALL":
        return _Index(keys, None)
    return _Index(keys, frozenset((*table_keys, *keys, *projection.get("NonKeyAttributes", ()))))
