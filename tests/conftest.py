"""What any test may ask for: DynamoDB Local with a table of its own, repeatable property tests, a place for figures."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.dynamodb import environment, table
from tests.support.figures import Figures, report

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
settings.load_profile("repeatable")

_numbers = count(1)


@pytest.fixture(scope="session")
def dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDbLocal]:
    """Return DynamoDB Local, one for all tests of this process."""
    with DynamoDbLocal.start(tmp_path_factory.mktemp("dynamodb")) as running:
        yield running


@pytest.fixture
def table_name(dynamodb_local: DynamoDbLocal, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a new table, which the clients of this test reach."""
    for name, value in environment(dynamodb_local.port).items():
        monkeypatch.setenv(name, value)
    with table(dynamodb_local.port, f"table-{next(_numbers)}") as name:
        yield name


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Return where a test puts what it measured; it is printed when all tests are done."""
    return Figures(request.node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured."""
    report(terminalreporter)
