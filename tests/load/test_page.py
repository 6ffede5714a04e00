"""`docs/load.md` says what the arithmetic says, and what was measured has the form of what would be."""

from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.markdown import block_of
from tests.load.__main__ import PLOT, WORKLOADS
from tests.load.estimate import BILL, LIMITS, MODEL_SECONDS, bill_table, limits_table, turn_cost
from tests.load.report import HEADINGS, PER_TURN
from tests.support.pages import page

PAGE = page("load.md")


@pytest.mark.parametrize(("name", "table"), [("bill", bill_table()), ("limits", limits_table())])
def test_page_says_what_is_computed(name: str, table: str) -> None:
    """A budget, a row of the catalog or a price that changes, changes the page, or this fails and prints the block."""
    assert block_of(PAGE, name).strip() == table


def test_page_says_what_is_assumed() -> None:
    """Most of the bill is the time that a model takes, and of it the sum."""
    assert f"{MODEL_SECONDS:g} s a model call" in PAGE
    assert f"{sum(line.thousand_turns for line in BILL):.2f} $ a thousand turns" in PAGE
    assert f"{min(limit.turns for limit in LIMITS):g} turns a second" in PAGE


@pytest.mark.parametrize("name", sorted(WORKLOADS))
def test_page_has_a_table_of_each_workload(name: str) -> None:
    """Measured by `make load WRITE=1`, from one client on, each level larger; alone, a turn costs its budget."""
    heading, _, *rows = block_of(PAGE, name).strip().splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    clients = [int(row[0]) for row in cells]

    assert heading == f"| {' | '.join(HEADINGS)} |"
    assert clients[0] == 1
    assert clients == sorted(set(clients))
    assert len(clients) >= 3


def test_turn_that_was_measured_costs_what_is_estimated() -> None:
    """The estimate stands on the budgets; what the local cloud counted agrees, however many sessions there were."""
    _, _, *rows = block_of(PAGE, "load apart").strip().splitlines()
    column = HEADINGS.index("write units")

    for row in rows:
        assert float(row.strip("|").split("|")[column]) == pytest.approx(turn_cost().units, abs=1.0)


def test_plot_shows_a_panel_of_each_workload() -> None:
    """One line for each sum per turn in each panel."""
    picture = ET.fromstring(PLOT.read_text())  # noqa: S314  # our own file

    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == len(WORKLOADS) * len(PER_TURN)
    assert "](load.svg)" in PAGE
