"""Which tests run which lines, so that a mutant meets those that could notice it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.faults.mutation.checkout import Checkout
from tests.faults.mutation.mutants import Mutant
from tests.faults.mutation.sample import importers
from tests.faults.mutation.trouble import MutationError

TESTS = (
    "tests/domain",
    "tests/functions/test_metrics.py",
    "tests/functions/adapters",
    "tests/functions/runtime",
    "tests/functions/subscribers",
    "tests/contracts",
    "tests/integration",
)
"""Not the crash harness: it takes as long as all of these, and of the sample it notices none that they do not."""
LEFT_OUT = (
    # These have another result on a busy machine; a mutant must not be noticed by chance.
    "tests/integration/test_contention*",
    "tests/integration/test_leases*",
    # These search long, so that one mutant would take minutes.
    "tests/domain/test_*machine*",
    "tests/contracts/test_machine*",
    # What these try lies elsewhere, or they start other servers.
    "tests/integration/test_artefact*",
    "tests/integration/test_audit*",
    "tests/integration/test_budgets*",
    "tests/integration/test_circuit*",
    "tests/integration/test_dynamodb_local*",
    "tests/integration/test_isolation*",
    "tests/integration/test_local_*",
    "tests/integration/test_packages*",
    "tests/contracts/test_*_wire*",
    "tests/contracts/test_model_client*",
    "tests/contracts/test_session_directory*",
    "tests/functions/adapters/eventbridge/*",
    "tests/functions/adapters/models/*",
    "tests/functions/adapters/test_[a-gi-z]*",
    "tests/functions/runtime/test_[a-pr]*",
    "tests/functions/runtime/test_settings*",
    "tests/domain/agents/*",
    "tests/domain/queries/*",
    "tests/domain/model/test_patterns*",
    "tests/domain/model/test_custom_tools*",
)
SURVEY_SECONDS = 1200
DURATIONS, COVERAGE = "seconds.json", "coverage.sqlite"


@dataclass(frozen=True)
class Survey:
    """What the tests do to code without mistakes.

    Attributes:
        seconds: What each test takes.
        at: The tests that run a line, by path and number.
    """

    seconds: Mapping[str, float]
    at: Mapping[tuple[str, int], frozenset[str]]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run any line of the mutant's function, in the order in which they are worth trying.

        First come those that run the very line, of these the module's own, of these the quick ones.
        What stands outside of functions runs when it is imported: the tests of the module and of its importers.
        """
        if mutant.lines:
            found = {test for line in mutant.lines for test in self.at.get((mutant.path, line), ())}
        else:
            paths = (mutant.path, *importers(mutant.path))
            found = {test for test in self.seconds if any(_is_about(path, test) for path in paths)}
        there = self.at.get((mutant.path, mutant.line), frozenset())
        return sorted(
            found,
            key=lambda test: (test not in there, not _is_about(mutant.path, test), self.seconds[test], test),
        )


def survey(checkout: Checkout, *options: str, tests: Sequence[str] = TESTS, processes: int = 1) -> Survey:
    """Run `tests` in the copy once, and return what they did.

    Raises:
        MutationError: one failed, so nothing could be told from failures.
    """
    run = checkout.pytest(
        *tests,
        *(f"--ignore-glob={glob}" for glob in LEFT_OUT),
        *(("--numprocesses", str(processes), "--dist=loadfile") if processes > 1 else ()),
        *("--cov=domain", "--cov=functions", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"),
        *("--hypothesis-profile=blunt", f"--seconds-into={DURATIONS}"),
        *options,
        seconds=SURVEY_SECONDS,
        COVERAGE_FILE=COVERAGE,
    )
    if run.code != 0:
        raise MutationError(f"The tests must pass before anything is broken on purpose; they said:\n{run.output}")
    seconds = json.loads((checkout.folder / DURATIONS).read_text())
    return Survey(seconds, _lines(checkout.folder, seconds))


def _is_about(path: str, test: str) -> bool:
    return f"/test_{Path(path).stem}" in test


def _lines(folder: Path, tests: Mapping[str, float]) -> dict[tuple[str, int], frozenset[str]]:
    data = CoverageData(str(folder / COVERAGE))
    data.read()
    at = {}
    for path in data.measured_files():
        for line, contexts in data.contexts_by_lineno(path).items():
            at[str(Path(path).relative_to(folder)), line] = _tests(contexts, tests)
    return at


def _tests(contexts: Sequence[str], tests: Mapping[str, float]) -> frozenset[str]:
    # A context is a test and, behind a bar, which part of it.
    return frozenset(test for test, _, _ in (context.rpartition("|") for context in contexts) if test in tests)
