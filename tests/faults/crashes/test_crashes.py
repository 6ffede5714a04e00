"""Wherever a worker is struck, nothing is lost, doubled, or left dangling: each scenario, each request, each way."""

from collections.abc import Iterator
from fnmatch import fnmatch
from traceback import extract_tb

import pytest

from domain.model.events import FACTS
from functions.catalog import CATALOG, Kind
from tests.faults.crashes.crash import Crash
from tests.faults.crashes.known import Known
from tests.faults.crashes.life import Life, Step
from tests.faults.crashes.points import Point, points_of
from tests.faults.crashes.scenarios import DEPENDS_ON_WHO_COMES_FIRST, SCENARIOS
from tests.faults.crashes.world import World
from tests.support.figures import Figures
from tests.support.stored import stored

pytestmark = pytest.mark.timeout(3600)
"""All points of one scenario are one test, on whatever machine."""

HERE = "tests/faults/crashes/test_crashes.py"


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_all_is_as_if_nothing_happened_when_a_worker_is_struck(
    world: World, scenario: str, whole: bool, figures: Figures, request: pytest.FixtureRequest
) -> None:
    """Killed, unanswered or paused; with its event coming again never, once or twice."""
    only = request.config.getoption("--point", default=None)
    life = Life(world)
    SCENARIOS[scenario](life)
    runs, failed, known = 0, [], Known(world)
    for place, step in enumerate(life.steps):
        crash = Crash(world, step, known, has_one_end=scenario not in DEPENDS_ON_WHO_COMES_FIRST)
        for point in _chosen(list(points_of(place, step)), only=only, whole=whole):
            runs += 1
            if failure := _failure(crash, point):
                failed.append(f"{step.arrival.function}: {failure}\n  {_command(scenario, point)}")
    figures.count("crashes", runs=runs, requests=sum(len(step.operations) for step in life.steps), states=known.states)
    assert runs, "nothing was struck"
    assert not failed, "\n".join(failed)


def test_every_function_service_and_fact_is_struck(world: World) -> None:
    """Whoever adds a function, a service or a fact adds it to a scenario of `tests/faults/crashes/scenarios.py`."""
    functions: set[str] = set()
    services: set[str] = set()
    facts: set[str] = set()
    nothing = world.moment()
    for play in SCENARIOS.values():
        world.go_back(nothing)
        life = Life(world)
        play(life)
        functions |= {step.arrival.function for step in life.steps}
        services |= {operation.split(".")[0] for step in life.steps for operation in step.operations}
        facts |= set(_facts_told(world, life.steps[0]))

    assert functions == {function.name for function in CATALOG if function.kind is not Kind.QUERY}
    assert services == {"dynamodb", "s3", "sqs", "eventbridge", "model"}
    assert facts == set(FACTS)


def _chosen(points: list[Point], *, only: str | None, whole: bool) -> Iterator[Point]:
    """Yield all points, the one asked for, or in a part one at each request: every way in its turn."""
    requests = sorted({point.number for point in points})
    for number in requests:
        here = [point for point in points if point.number == number]
        rotated = here[(7 * here[0].step + 3 * number) % len(here)]
        yield from (point for point in here if (fnmatch(str(point), only) if only else whole or point == rotated))


def _failure(crash: Crash, point: Point) -> str | None:
    try:
        crash.strike(point)
    except Exception as failed:  # noqa: BLE001  # whatever it is, it is told with the point, and others are tried
        place = extract_tb(failed.__traceback__)[-1]
        return f"{type(failed).__name__}: {failed}\n  {place.filename}:{place.lineno} {place.line}"
    return None


def _command(scenario: str, point: Point) -> str:
    test = test_all_is_as_if_nothing_happened_when_a_worker_is_struck.__name__
    return f".venv/bin/python -m pytest '{HERE}::{test}[{scenario}]' --point {point}"


def _facts_told(world: World, first: Step) -> Iterator[str]:
    before = {key: head.last_seq for key, head in stored(first.before.raw).heads.items()}
    for key, events in stored(world.raw()).events.items():
        yield from (event.fact.type_name() for event in events if event.seq > before.get(key, 0))
