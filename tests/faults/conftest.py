"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from domain.ports import Clock
from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.dynamodb import dynamodb_system, environment
from tests.support.fakes import FakeClock
from tests.support.neighbour_stage import Stages
from tests.support.tenants import Tenants


@pytest.fixture
def tenants(table_name: str) -> Tenants:
    """Return two users of one table on DynamoDB Local, one of whom has everything."""
    return Tenants(dynamodb_system(table_name, ports={Clock: FakeClock()}))


@pytest.fixture(scope="module")
def stages(dynamodb_local: DynamoDbLocal) -> Iterator[Stages]:
    """Return the stages on DynamoDB Local."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(dynamodb_local.port).items():
            patch.setenv(name, value)
        yield Stages(dynamodb_local.port)
