"""Units are counted as AWS bills them, whoever's client it is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.capacity import Capacity, CapacityMeter
from tests.support.dynamodb import plain_client

NAME = "capacity"
OVERHEAD = len("PK") + len("SK") + len("text") + 2
"""Bytes of an item beside its text, with keys of one byte."""


@pytest.fixture
def client(dynamodb_local: DynamoDbLocal) -> Iterator[Any]:
    """Return a client of a table with an index that repeats `title`."""
    maker = plain_client(dynamodb_local.port)
    maker.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "B"},
            {"AttributeName": "at", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_at",
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
            }
        ],
    )
    yield plain_client(dynamodb_local.port)
    maker.delete_table(TableName=NAME)


@pytest.fixture
def meter(client: Any, dynamodb_local: DynamoDbLocal) -> CapacityMeter:
    """Return a meter that watches `client`."""
    meter = CapacityMeter(plain_client(dynamodb_local.port))
    meter.watch(client.meta.events)
    return meter


def item(sk: bytes = b"1", size: int = OVERHEAD, **attributes: str) -> dict[str, Any]:
    """Return an item of `size` bytes and its further attributes."""
    more = {name: {"S": value} for name, value in attributes.items()}
    return {"PK": {"S": "p"}, "SK": {"B": sk}, "text": {"S": "x" * (size - OVERHEAD)}, **more}


def key(sk: bytes = b"1") -> dict[str, Any]:
    """Return an item's key."""
    return {"PK": {"S": "p"}, "SK": {"B": sk}}


@pytest.mark.parametrize(("size", "units"), [(1024, 1), (1025, 2), (300 * 1024, 300)])
def test_put_costs_a_unit_for_each_started_kilobyte(client: Any, meter: CapacityMeter, size: int, units: int) -> None:
    """The whole item counts, keys and attribute names included."""
    client.put_item(TableName=NAME, Item=item(size=size))

    assert meter.used == Capacity(requests=1, writes=units)


def test_update_and_delete_cost_the_larger_of_before_and_after(client: Any, meter: CapacityMeter) -> None:
    """An update of one byte of a large item is billed as the whole of it."""
    client.put_item(TableName=NAME, Item=item(size=5000))
    before = meter.used

    client.update_item(TableName=NAME, Key=key(), UpdateExpression="REMOVE #t", ExpressionAttributeNames={"#t": "text"})
    updated = meter.used
    client.delete_item(TableName=NAME, Key=key())

    assert updated - before == Capacity(requests=1, writes=5)
    assert meter.used - updated == Capacity(requests=1, writes=1)


def test_transaction_costs_twice_when_it_writes_or_checks(client: Any, meter: CapacityMeter) -> None:
    """Two units for each started kilobyte of each item, one that is only looked at included."""
    check = {"TableName": NAME, "Key": key(b"2"), "ConditionExpression": "attribute_not_exists(PK)"}
    client.transact_write_items(
        TransactItems=[{"Put": {"TableName": NAME, "Item": item(size=1500)}}, {"ConditionCheck": check}]
    )

    assert meter.used == Capacity(requests=1, writes=6)


def test_batch_costs_what_its_items_cost(client: Any, meter: CapacityMeter) -> None:
    """One request, and the units of each put and delete."""
    client.put_item(TableName=NAME, Item=item(b"1"))
    before = meter.used

    client.batch_write_item(
        RequestItems={NAME: [{"DeleteRequest": {"Key": key(b"1")}}, {"PutRequest": {"Item": item(b"2", 3000)}}]}
    )

    assert meter.used - before == Capacity(requests=1, writes=4)


def test_refused_write_costs_what_it_looked_at(client: Any, meter: CapacityMeter) -> None:
    """A condition that does not hold is billed like a write of the item as it is."""
    client.put_item(TableName=NAME, Item=item(size=2000))
    before = meter.used

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        client.put_item(TableName=NAME, Item=item(), ConditionExpression="attribute_not_exists(PK)")

    assert meter.used - before == Capacity(requests=1, writes=2)


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        ({}, {"title": "not in the index"}, 0),
        ({}, {"at": "1"}, 1),
        ({"at": "1"}, {"at": "1"}, 0),
        ({"at": "1"}, {"at": "1", "other": "not in the index"}, 0),
        ({"at": "1"}, {"at": "1", "title": "in the index"}, 1),
        ({"at": "1"}, {"at": "2"}, 2),
        ({"at": "1"}, {}, 1),
    ],
)
def test_index_costs_extra_when_its_entry_changes(
    client: Any, meter: CapacityMeter, old: dict[str, Any], new: dict[str, Any], units: int
) -> None:
    """One unit for an entry that comes, goes or changes; two for one that moves; none otherwise."""
    client.put_item(TableName=NAME, Item=item(**old))
    before = meter.used

    client.put_item(TableName=NAME, Item=item(**new))

    assert (meter.used - before).writes == 1 + units


def test_reads_cost_what_was_read(client: Any, meter: CapacityMeter) -> None:
    """A unit for each started 4 KB of an item or of all items of a query, half of it when not the newest is needed."""
    for sk in (b"1", b"2", b"3"):
        client.put_item(TableName=NAME, Item=item(sk, 3000))
    asked: dict[str, Any] = {"KeyConditionExpression": "PK = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    expected: list[tuple[Callable[[], object], float]] = [
        (lambda: client.get_item(TableName=NAME, Key=key(), ConsistentRead=True), 1),
        (lambda: client.get_item(TableName=NAME, Key=key()), 0.5),
        (lambda: client.get_item(TableName=NAME, Key=key(b"9"), ConsistentRead=True), 1),
        (lambda: client.query(TableName=NAME, ConsistentRead=True, **asked), 3),
        (lambda: client.query(TableName=NAME, ProjectionExpression="PK", **asked), 1.5),
    ]
    for read, units in expected:
        before = meter.used
        read()
        assert meter.used - before == Capacity(requests=1, reads=units)


def test_batch_read_is_billed_for_keys_that_are_not_there(client: Any, meter: CapacityMeter) -> None:
    """As AWS does; DynamoDB Local reports only what it found."""
    client.put_item(TableName=NAME, Item=item())
    before = meter.used

    client.batch_get_item(RequestItems={NAME: {"Keys": [key(b"1"), key(b"2")], "ConsistentRead": True}})
    client.batch_get_item(RequestItems={NAME: {"Keys": [key(b"2")]}})

    assert meter.used - before == Capacity(requests=2, reads=2.5)


def test_operation_is_refused_when_nobody_has_said_what_it_costs(client: Any, meter: CapacityMeter) -> None:
    """An unknown operation would be counted as nothing."""
    with pytest.raises(ValueError, match="Nobody has said yet what ExecuteStatement costs"):
        client.execute_statement(Statement='SELECT * FROM "capacity"')

    assert meter.used.writes == 0
