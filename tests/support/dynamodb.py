"""The service on DynamoDB Local: AWS's own emulator, where transactions are atomic and requests can be counted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore.config import Config

from domain.ports import Clock, ContentStore, EventPublisher, Ids, ModelClient, ParkedCommits, TurnQueue
from functions.runtime.composition import compose
from functions.runtime.settings import Settings
from tests.support.fakes import CountingIds, FakeTurnQueue, MemoryContents, MemoryParked, MemoryPublisher, ScriptedModel
from tests.support.system import SETTINGS, System

INDEX = "by_activity"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def point_to(port: int) -> None:
    """Let every client of this process that is made from now on talk to DynamoDB Local on `port`."""
    os.environ |= ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}"}


def plain_client(port: int) -> Any:
    """Return a client of its own, which no seam counts."""
    return botocore.session.get_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


@contextmanager
def table(port: int, name: str) -> Iterator[str]:
    """Create the table as the stack declares it, and delete it afterwards."""
    client = plain_client(port)
    string = [{"AttributeName": attribute, "AttributeType": "S"} for attribute in ("PK", "SK", "la")]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=string,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "la", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["t", "ac", "ca"]},
            }
        ],
    )
    yield name
    client.delete_table(TableName=name)


def dynamodb_system(table_name: str, *answers: Any, model: ModelClient | None = None, **ports: Any) -> System:
    """Return a system on `table_name` with the real repositories and lock; clock and ids are real unless given.

    Args:
        table_name: A table of its own.
        answers: What the scripted model says.
        model: Stands in for the scripted model.
        ports: `clock=` and `ids=` stand in for the real ones.
    """
    settings: Settings = SETTINGS.__class__(**{**SETTINGS.__dict__, "table": table_name})
    container = compose(settings)
    contents, queue = MemoryContents(), FakeTurnQueue()
    container.register(ContentStore, lambda: contents)
    container.register(TurnQueue, lambda: queue)
    container.register(EventPublisher, MemoryPublisher)
    container.register(ParkedCommits, MemoryParked)
    container.register(ModelClient, lambda: model or ScriptedModel(*answers))
    if "clock" in ports:
        container.register(Clock, lambda: ports["clock"])
    container.register(Ids, lambda: ports.get("ids") or CountingIds()) if "ids" in ports else None
    return System(container)
