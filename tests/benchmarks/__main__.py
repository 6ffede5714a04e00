"""`make bench`: counts what every operation costs, fails above the budget; PEERS=1 lets others hold the same chat."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.dynamodb_local import DynamoDbLocal
from infra.local.layout import ROOT, STATE
from infra.local.progress import step
from tests.benchmarks.comparison import contest_report, hold_contest
from tests.benchmarks.markdown import with_block
from tests.benchmarks.operations import Counted, count_operations, operations_table
from tests.support.dynamodb import environment, point_to

README = ROOT / "README.md"
FOLDER = STATE / "bench"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write into the README what is asked for.

    Returns:
        The exit code: 0, or 1 when an operation is above its budget.
    """
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--peers", action="store_true", help="let the peers hold the same chat")
    parser.add_argument("--write", nargs="?", type=Path, const=README, metavar="PAGE", help="write the tables into it")
    options = parser.parse_args(arguments)
    with DynamoDbLocal.start(FOLDER) as local:
        point_to(local.port)
        with step("Count every operation"):
            counted = count_operations(local.port)
        blocks = {"bench": operations_table(counted)}
        if options.peers:
            blocks["bench peers"] = contest_report(hold_contest(environment(local.port), FOLDER))
    print("\n\n".join(blocks.values()))
    if options.write:
        for name, content in blocks.items():
            write_block(options.write, name, content)
    return exit_code(counted)


def write_block(page: Path, name: str, content: str) -> None:
    """Put `content` between the markers of a block of a page."""
    page.write_text(with_block(page.read_text(), name, f"\n{content}\n"))


def exit_code(counted: Sequence[Counted]) -> int:
    """Return 1 when an operation is above its budget, with a line about each on standard error; else 0."""
    above = [one.budget.operation for one in counted if one.is_above_budget]
    for operation in above:
        print(f"{operation}: above its budget", file=sys.stderr)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
