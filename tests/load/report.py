"""Levels as a table and as lines of the plot."""

from collections.abc import Callable, Sequence

from functions import metrics
from tests.benchmarks.markdown import markdown_table
from tests.load.plot import Line, Panel
from tests.load.ramp import Level

PER_TURN: dict[str, Callable[[Level], int]] = {
    "AWS requests": lambda level: level.counts.at_work,
    "write units": lambda level: level.write_units,
    "queue receives": lambda level: level.counts.invocations["run_turn"],
    "model calls": lambda level: level.counts.figures[metrics.MODEL_CALLS.name],
    "conflicts": lambda level: level.counts.figures[metrics.COMMIT_CONFLICTS.name],
    "refused locks": lambda level: level.counts.figures[metrics.LOCK_CONTENTION.name],
}
"""What is divided by the number of turns; without clients that wait, whose requests only tell how long it took."""

HEADINGS = ("At once", "Turns", *PER_TURN, "requests of waiting clients", "turns/s", "p95 s")


def levels_table(levels: Sequence[Level]) -> str:
    """Return the table: sums per turn, and at its end what only says how busy this machine was."""
    return markdown_table(HEADINGS, (_row(level) for level in levels))


def panel(title: str, levels: Sequence[Level]) -> Panel:
    """Return what the plot shows of levels: one line for each sum per turn."""
    return Panel(
        title,
        tuple(str(level.clients) for level in levels),
        tuple(Line(name, tuple(count(level) / level.turns for level in levels)) for name, count in PER_TURN.items()),
    )


def _row(level: Level) -> Sequence[str]:
    sums = (f"{count(level) / level.turns:.1f}" for count in PER_TURN.values())
    remark = (level.counts.waiting / level.turns, level.throughput, level.slowest)
    return (str(level.clients), str(level.turns), *sums, *(f"{value:.1f}" for value in remark))
