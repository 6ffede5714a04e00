"""A system on DynamoDB Local, on the real clock or on one moved by hand."""

import pytest

from domain.ports import Clock
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock
from tests.support.system import System
from tests.support.wire import Wire


@pytest.fixture
def system(table_name: str) -> System:
    """Return a system that waits for nothing: its clock is moved by hand, and by sleeping."""
    return dynamodb_system(table_name, ports={Clock: FakeClock()})


@pytest.fixture
def wire(system: System) -> Wire:
    """Return what stands between that system and DynamoDB."""
    return Wire(system)
