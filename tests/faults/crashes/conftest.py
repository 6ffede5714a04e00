"""A world for each test, and the option that strikes one point of a scenario alone."""

from collections.abc import Iterator

import pytest

from functions.runtime.observability import logger
from infra.local.dynamodb_local import DynamoDbLocal
from tests.faults.crashes.world import World


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a failing point be struck again, alone."""
    parser.addoption("--point", help="strike only these: step.request.mode.then, with wildcards")


@pytest.fixture
def world(dynamodb_local: DynamoDbLocal, table_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world in which nothing has happened yet, and whose functions log nothing: nobody could read it all."""
    # Without TLS, content is sent as it is, so that whoever stands in for S3 need not take it out of its chunks.
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield World(dynamodb_local, table_name)
    logger.setLevel(level)
