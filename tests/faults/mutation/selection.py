"""A pytest plugin: runs the tests that a file lists, in its order, and notes how long each took."""

import json
from collections import Counter
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options; without them nothing changes."""
    parser.addoption("--tests-of", type=Path, help="JSON list of the tests to run, in this order; all others are left")
    parser.addoption("--seconds-into", type=Path, help="JSON file that takes the seconds of each test")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the clock where the reports of all processes arrive."""
    path = config.getoption("--seconds-into")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Watch(path))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests that are listed."""
    path = config.getoption("--tests-of")
    if path:
        place = {test: index for index, test in enumerate(json.loads(path.read_text()))}
        items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


class _Watch:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # a Counter adds fractions too

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._seconds))
