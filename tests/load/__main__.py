"""`make load`: more and more at once until the local cloud is full; counts a turn as a table and a plot."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.local.cloud import LocalCloud
from infra.local.layout import ROOT
from infra.local.progress import step
from tests.benchmarks.markdown import with_block
from tests.load.plot import svg
from tests.load.ramp import Hold, Level, climb, one_session, sessions_apart
from tests.load.report import levels_table, panel

PAGE = ROOT / "docs" / "load.md"
PLOT = ROOT / "docs" / "load.svg"
SECONDS = 90.0
"""Of each workload; with start, cold starts and the level that is being held then, some five minutes in all."""

WORKLOADS: dict[str, tuple[str, Hold]] = {
    "load apart": ("clients, each with a session of its own", sessions_apart),
    "load together": ("clients at one session", one_session),
}
"""By block of the page: what is shown, and who holds the turns."""


def main(arguments: Sequence[str]) -> int:
    """Put a local cloud under load, print what was counted, and write it into the page when asked to."""
    parser = argparse.ArgumentParser(prog="make load")
    parser.add_argument("--write", action="store_true", help=f"write tables and plot into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args(arguments)
    measured: dict[str, list[Level]] = {}
    with tempfile.TemporaryDirectory() as state, LocalCloud.start(Path(state)) as cloud:
        for name, (title, hold) in WORKLOADS.items():
            with step(f"More and more {title}"):
                measured[name] = list(climb(cloud, hold, seconds=SECONDS))
            print(f"\n{title}\n{levels_table(measured[name])}", flush=True)
    if options.write:
        write(measured)
    return 0


def write(measured: dict[str, list[Level]], page: Path = PAGE, plot: Path = PLOT) -> None:
    """Put the tables between the page's markers, and the plot beside it."""
    text = page.read_text()
    for name, levels in measured.items():
        text = with_block(text, name, f"\n{levels_table(levels)}\n")
    page.write_text(text)
    plot.write_text(svg([panel(WORKLOADS[name][0], levels) for name, levels in measured.items()]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
