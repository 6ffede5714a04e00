"""Each test runs twice: on memory and on DynamoDB Local, on a clock that is moved by hand."""

import pytest

from domain.ports import Clock, Ids
from tests.contracts.steps import Steps
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import CountingIds, FakeClock
from tests.support.system import memory_system


@pytest.fixture(params=["memory", "dynamodb"])
def steps(request: pytest.FixtureRequest) -> Steps:
    """Return the ports under test, with nothing stored."""
    if request.param == "memory":
        return Steps(memory_system())
    table_name = request.getfixturevalue("table_name")
    return Steps(dynamodb_system(table_name, ports={Clock: FakeClock(), Ids: CountingIds()}))
