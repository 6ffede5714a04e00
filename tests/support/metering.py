"""What operations cost: requests as the seam counts them, write units as AWS bills them.

DynamoDB Local reports the capacity of transactions wrongly, so units are computed from what was really written.

Source:
    Amazon DynamoDB Developer Guide: "Provisioned capacity mode", "Managing complex workflows with transactions" and
    "Throughput considerations for global secondary indexes".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam
from tests.support.dynamodb import PROJECTED, plain_client
from tests.support.item_size import RawItem, item_bytes, units
from tests.support.system import System

TRANSACTION_FACTOR = 2
KEY = ("PK", "SK")
SORT = "la"


@dataclass(frozen=True)
class Cost:
    """What one operation cost.

    Attributes:
        requests: HTTP requests, retries included.
        units: Write units, the index's included.
    """

    requests: int
    units: int


@dataclass(frozen=True)
class _Write:
    """One item that a request in progress writes, as it was before."""

    key: RawItem
    before: RawItem
    factor: int


class Meter:
    """Measures what a system on DynamoDB Local does.

    Not for threads: an item is looked at before and after each request that writes it.
    """

    def __init__(self, system: System, table: str, port: int) -> None:
        self._seam: IoSeam = system.get(IoSeam)
        self._table = table
        self._client = plain_client(port)
        self._writes: list[_Write] = []
        self._units = 0
        events = system.get(Aws).client("dynamodb").meta.events
        events.register("before-call.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)

    def cost_of(self, operation: Callable[[], object]) -> Cost:
        """Carry `operation` out and return what it cost."""
        requests, self._units = self._seam.requests.total(), 0
        operation()
        return Cost(self._seam.requests.total() - requests, self._units)

    def _before(self, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        self._writes = [_Write(key, self._item(key), factor) for key, factor in _keys(model.name, body)]

    def _after(self, **_: Any) -> None:
        for write in self._writes:
            after = self._item(write.key)
            self._units += write.factor * units(max(item_bytes(write.before), item_bytes(after)))
            self._units += _index_units(_entry(write.before), _entry(after))
        self._writes = []

    def _item(self, key: RawItem) -> RawItem:
        found: RawItem = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        return found


def _keys(operation: str, body: Mapping[str, Any]) -> list[tuple[RawItem, int]]:
    """Return the key of every item that a request writes, with what a unit of it is multiplied by."""
    match operation:
        case "TransactWriteItems":
            actions = (action for item in body["TransactItems"] for action in item.values())
            return [(_key(action), TRANSACTION_FACTOR) for action in actions]
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [(_key(body), 1)]
        case "GetItem" | "BatchGetItem" | "Query":
            return []
    raise ValueError(f"Nobody has said yet what {operation} costs.")


def _key(action: Mapping[str, Any]) -> RawItem:
    if "Key" in action:
        return dict(action["Key"])
    return {name: action["Item"][name] for name in KEY}


def _entry(item: RawItem) -> RawItem:
    """Return an item's entry in the index, empty when it has none."""
    return {name: item[name] for name in (*KEY, SORT, *PROJECTED) if name in item} if SORT in item else {}


def _index_units(before: RawItem, after: RawItem) -> int:
    """Return one unit for an entry that comes, goes or changes, and one each for leaving and arriving when it moves."""
    if before == after:
        return 0
    if before and after and before[SORT] != after[SORT]:
        return units(item_bytes(before)) + units(item_bytes(after))
    return units(max(item_bytes(before), item_bytes(after)))
