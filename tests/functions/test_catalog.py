"""The catalog is complete, and nothing exists beside it.

A new command touches five places: its file in the domain, its file here, a row, a sample event, and two tests. Whoever
forgets one, or leaves one behind, is told which.
"""

import inspect
from collections import Counter
from collections.abc import Iterable

import pytest

from domain.cqrs import Command, Query
from functions.catalog import CATALOG, Commits, DeadLetters, Function, Kind, Queue, Route, Schedule, row
from functions.runtime.dotted import load
from functions.runtime.http import HttpFunction
from functions.runtime.queue import QueueFunction
from functions.runtime.schedule import ScheduledFunction
from functions.runtime.stream import StreamFunction
from tests.support.edge import entry_point
from tests.support.samples import EVENTS
from tests.support.system import memory_system

ROOT = EVENTS.parent
MAX_LINES = 25
ENTRY_POINTS = {
    Route: HttpFunction,
    Queue: QueueFunction,
    DeadLetters: QueueFunction,
    Commits: StreamFunction,
    Schedule: ScheduledFunction,
}
every_function = pytest.mark.parametrize("function", CATALOG, ids=lambda function: function.name)


def names(folder: str, suffix: str = ".py") -> set[str]:
    """Return the names of the files in a folder of the repository, without their ending."""
    return {path.name.removesuffix(suffix) for path in (ROOT / folder).glob(f"*{suffix}")} - {"__init__"}


def rows(*kinds: Kind) -> set[str]:
    """Return the names of all rows of these kinds."""
    return {function.name for function in CATALOG if function.kind in kinds}


def unclaimed(tests: Iterable[str], functions: Iterable[str]) -> set[str]:
    """Return the test files that belong to no function: `test_<function>` or `test_<function>_<aspect>`."""
    claims = tuple(f"test_{function}" for function in functions)
    return {test for test in tests if not any(test == claim or test.startswith(f"{claim}_") for claim in claims)}


@pytest.mark.parametrize(
    ("folder", "kinds"),
    [
        ("domain/commands", (Kind.COMMAND, Kind.SUBSCRIBER)),
        ("domain/queries", (Kind.QUERY,)),
        ("functions/commands", (Kind.COMMAND,)),
        ("functions/queries", (Kind.QUERY,)),
        ("functions/subscribers", (Kind.SUBSCRIBER,)),
    ],
)
def test_folder_holds_a_file_for_each_row_and_no_other(folder: str, kinds: tuple[Kind, ...]) -> None:
    """A use case has its one file in the domain, and its Lambda one of its own."""
    assert names(folder) == rows(*kinds)


def test_events_hold_a_sample_for_each_row_and_no_other() -> None:
    """Every function can be tried with `sam local invoke`."""
    assert names("events", ".json") == rows(*Kind)


@pytest.mark.parametrize(
    ("folder", "kinds"),
    [
        ("tests/domain/commands", (Kind.COMMAND, Kind.SUBSCRIBER)),
        ("tests/domain/queries", (Kind.QUERY,)),
        ("tests/functions/commands", (Kind.COMMAND,)),
        ("tests/functions/queries", (Kind.QUERY,)),
        ("tests/functions/subscribers", (Kind.SUBSCRIBER,)),
    ],
)
def test_every_row_has_its_two_tests_and_no_test_is_left_over(folder: str, kinds: tuple[Kind, ...]) -> None:
    """What a use case does is tested in the domain, how it is called here."""
    tests = names(folder)

    assert {f"test_{name}" for name in rows(*kinds)} - tests == set()
    assert unclaimed(tests, rows(*kinds)) == set()


@every_function
def test_function_has_its_entry_point_when_it_has_a_row(function: Function) -> None:
    """The file holds the handler that Lambda calls, of the class that fits its trigger, and no logic."""
    handler = entry_point(function.name)

    assert type(handler) is ENTRY_POINTS[type(function.trigger)]
    assert handler.row is function
    source = ROOT / "functions" / function.kind.value / f"{function.name}.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@every_function
def test_function_has_its_message_and_handler_when_it_has_a_row(function: Function) -> None:
    """The class names follow from the row's, and the handler takes the message."""
    message, handler = load(function.message), load(function.message_handler)

    assert issubclass(message, Query if function.kind is Kind.QUERY else Command)
    assert message.__module__ == handler.__module__
    (_, taken) = inspect.signature(handler.handle, eval_str=True).parameters.values()
    assert taken.annotation is message
    assert message.model_config["frozen"] is True
    assert message.model_config["extra"] == "forbid"


@every_function
def test_handler_is_built_from_the_container_when_it_has_a_row(function: Function) -> None:
    """A test's container builds what a deployment's does."""
    handler = load(function.message_handler)

    assert isinstance(memory_system().container.get(handler), handler)


def test_rows_are_told_apart_by_name() -> None:
    """A name is used once, and leads to its row."""
    assert all(row(function.name) is function for function in CATALOG)


def test_routes_are_told_apart_by_method_and_path() -> None:
    """No two functions answer the same request, whatever their parameters are called."""
    routes = [function.trigger for function in CATALOG if isinstance(function.trigger, Route)]
    shapes = Counter(
        (route.method, tuple("{}" if part.startswith("{") else part for part in route.path.split("/")))
        for route in routes
    )

    assert [shape for shape, times in shapes.items() if times > 1] == []


@every_function
def test_route_fits_its_message_when_a_function_has_one(function: Function) -> None:
    """What stands in the path is a field of the message; reads are GETs, changes are not."""
    if not isinstance(function.trigger, Route):
        assert function.kind is Kind.SUBSCRIBER
        return

    assert function.trigger.path_parameters <= load(function.message).model_fields.keys()
    assert (function.trigger.method == "GET") == (function.kind is Kind.QUERY)
    assert function.trigger.status in {200, 201, 202}


def test_dead_letters_belong_to_a_queue_of_the_catalog() -> None:
    """A queue's dead letters have one consumer at most."""
    queues = [function.trigger.name for function in CATALOG if isinstance(function.trigger, Queue)]
    dead = [function.trigger.queue for function in CATALOG if isinstance(function.trigger, DeadLetters)]

    assert set(dead) <= set(queues)
    assert (len(set(dead)), len(set(queues))) == (len(dead), len(queues))


@pytest.mark.parametrize(
    ("test", "is_claimed"), [("test_add_message", True), ("test_add_message_busy", True), ("test_add_messages", False)]
)
def test_unclaimed_tells_a_spare_test_from_an_aspect(test: str, *, is_claimed: bool) -> None:
    """A function's tests may fill several files, each named after it."""
    assert (unclaimed([test], ["add_message"]) == set()) is is_claimed
