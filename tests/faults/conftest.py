"""What the tests of this folder share."""

import pytest

from domain.ports import Clock
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock
from tests.support.tenants import Tenants


@pytest.fixture
def tenants(table_name: str) -> Tenants:
    """Return two users of one table on DynamoDB Local, one of whom has everything."""
    return Tenants(dynamodb_system(table_name, ports={Clock: FakeClock()}))
