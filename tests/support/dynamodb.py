"""The service on DynamoDB Local: AWS's own emulator, where transactions are atomic and requests can be counted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session, get_session

from domain.ports import ContentStore, EventPublisher, ExpiryQueue, ModelClient, ParkedCommits, TurnQueue
from functions.adapters.aws import Aws
from functions.adapters.dynamodb.models import ACTIVITY_INDEX, LISTED
from functions.runtime.composition import compose
from tests.support.fakes import FakeTurnQueue, MemoryContents, MemoryParked, MemoryPublisher, ScriptedModel
from tests.support.system import SETTINGS, System

_LOADER = Loader()
"""Keeps what botocore reads from its JSON files, which takes longer than a whole test."""


def environment(port: int) -> dict[str, str]:
    """Return what lets clients talk to DynamoDB Local on `port` and to nothing else."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}",
    }


def point_to(port: int) -> None:
    """Let every client that this process makes from now on talk to DynamoDB Local on `port`."""
    os.environ |= environment(port)


def plain_client(port: int) -> Any:
    """Return a client of its own, which no seam counts."""
    return quick(get_session()).create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


@contextmanager
def table(client: Any, name: str) -> Iterator[str]:
    """Create the table as the stack declares it, and delete it afterwards."""
    create_table(client, name)
    try:
        yield name
    finally:
        client.delete_table(TableName=name)


def create_table(client: Any, name: str) -> None:
    """Create the table as the stack declares it."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK", "la")],
        KeySchema=_keys("PK", "SK"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": ACTIVITY_INDEX,
                "KeySchema": _keys("PK", "la"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(LISTED)},
            }
        ],
    )


def quick(session: Session) -> Session:
    """Return the session, whose clients are made from JSON files that were read once for all."""
    session.register_component("data_loader", _LOADER)
    return session


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def dynamodb_system(table_name: str, *answers: Any, model: ModelClient | None = None, ports: Any = None) -> System:
    """Return a system on `table_name` with the real repositories and lock, on the real clock.

    A process has one at a time: PynamoDB's models belong to the newest.

    Args:
        table_name: A table of its own.
        answers: What the scripted model says.
        model: Stands in for the scripted model.
        ports: What stands in for other dependencies, by port.
    """
    container = compose(replace(SETTINGS, table=table_name))
    quick(container.get(Aws)._own_session())
    defaults = {
        ContentStore: MemoryContents(),
        TurnQueue: FakeTurnQueue(),
        ExpiryQueue: FakeTurnQueue(),
        EventPublisher: MemoryPublisher(),
        ParkedCommits: MemoryParked(),
        ModelClient: model or ScriptedModel(*answers),
    }
    for port, fake in {**defaults, **(ports or {})}.items():
        container.register(port, lambda fake=fake: fake)
    return System(container)
