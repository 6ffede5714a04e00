"""From log lines to counts, from levels to table and plot, and when enough is enough."""

import json
from collections import Counter
from itertools import pairwise
from typing import cast
from xml.etree import ElementTree as ET

import pytest

from functions import metrics
from infra.local.cloud import LocalCloud
from tests.load.counts import Counts
from tests.load.plot import Line, Panel, svg
from tests.load.ramp import LEVELS, Level, climb
from tests.load.report import HEADINGS, PER_TURN, levels_table, panel


def handled(function: str, **io: int) -> str:
    """Return the line that an invocation ends with."""
    sent = {name.replace("_", ".", 1): number for name, number in io.items()}
    return json.dumps({"message": "handled", "function": function, "io": sent})


def counted(name: str, *dimensions: str, value: float = 1) -> str:
    """Return a line of one metric."""
    directive = {"Dimensions": [list(dimensions)], "Metrics": [{"Name": name, "Unit": "Count"}]}
    said = {"_aws": {"CloudWatchMetrics": [directive]}, name: [value], **dict.fromkeys(dimensions, "x")}
    return json.dumps(said, separators=(",", ":"))


LINES = (
    "START RequestId: 1",
    handled("add_message", dynamodb_GetItem=1, dynamodb_TransactWriteItems=2),
    handled("run_turn", dynamodb_UpdateItem=3, dynamodb_TransactWriteItems=1, sqs_ChangeMessageVisibility=3),
    handled("run_turn", dynamodb_UpdateItem=1),
    handled("list_events", dynamodb_Query=40),
    json.dumps({"message": "defect", "function": "run_turn", "io": {"never": 1}}),
    counted(metrics.COMMIT_CONFLICTS.name, "function", value=2),
    counted(metrics.COMMIT_CONFLICTS.name, "function"),
    counted(metrics.LOCK_HOLD.name, "function", value=900),
)


def level(clients: int, *, turns: int = 4, seconds: float = 2.0) -> Level:
    """Return a level with the counts of `LINES`."""
    return Level(clients, turns, seconds, 0.5, Counts.of(LINES), worker_commit=4)


def test_counts_are_the_sums_of_what_invocations_say() -> None:
    """Requests by function and operation, receives, metrics that count; other lines say nothing."""
    counts = Counts.of(LINES)

    assert counts.invocations == Counter(add_message=1, run_turn=2, list_events=1)
    assert (counts.at_work, counts.waiting) == (11, 40)
    assert +counts.figures == Counter({metrics.COMMIT_CONFLICTS.name: 3})
    assert counts.write_units(worker_commit=4) == 2 * 6 + 1 * 4 + 4 * 1


def test_table_divides_sums_by_turns() -> None:
    """What a turn costs is comparable between levels; what only says how fast this machine is stands last."""
    *_, row = levels_table([level(8)]).splitlines()

    assert row == "| 8 | 4 | 2.8 | 5.0 | 0.5 | 0.0 | 0.8 | 0.0 | 10.0 | 2.0 | 0.5 |"
    assert len(HEADINGS) == row.count("|") - 1


def test_plot_is_a_line_for_each_sum_when_it_is_drawn() -> None:
    """Well-formed, within its frame, steps in order, and names that need escaping are escaped."""
    drawn = svg([panel("a & b", [level(1), level(2)]), Panel("flat", ("1",), (Line("none", (0.0,)),))])
    picture = ET.fromstring(drawn)  # noqa: S314  # our own
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")

    assert len(lines) == len(PER_TURN) + 1
    for line in lines:
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        assert all(one[0] < other[0] for one, other in pairwise(points))


class _NoLogs:
    """A cloud that is asked for nothing but a client."""

    def client(self, _: str) -> None:
        return None


@pytest.mark.parametrize(
    ("throughputs", "held"),
    [
        ([1, 2, 4, 8, 16, 32], 6),
        ([1, 2, 2, 2, 9, 9], 4),
        ([1, 1.09, 1.09, 9, 9, 9], 3),
        ([1, 2, 1, 2.1, 9, 9], 4),
        ([1, 2, 1, 2.3, 2, 2], 6),
    ],
)
def test_climb_ends_when_two_levels_in_a_row_are_not_faster(throughputs: list[float], held: int) -> None:
    """The levels that show it are still shown; the first one is held once more before, unseen."""
    asked: list[int] = []

    def hold(_: LocalCloud, __: object, clients: int) -> Level:
        asked.append(clients)
        turns_a_second = throughputs[LEVELS.index(clients)]
        return level(clients, turns=100, seconds=100 / turns_a_second)

    levels = list(climb(cast("LocalCloud", _NoLogs()), hold, seconds=60.0))

    assert [one.clients for one in levels] == list(LEVELS[:held])
    assert asked == [1, *LEVELS[:held]]


def test_climb_begins_no_level_when_its_time_is_over() -> None:
    """However fast it still gets."""
    levels = climb(cast("LocalCloud", _NoLogs()), lambda _, __, clients: level(clients, turns=clients), seconds=-1.0)

    assert len(list(levels)) == 1
