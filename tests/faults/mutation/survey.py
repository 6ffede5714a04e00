"""Which tests run which lines, so that a mutant meets those that could notice it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.faults.mutation.checkout import Checkout
from tests.faults.mutation.mutants import Mutant
from tests.faults.mutation.trouble import MutationError

TESTS = ("domain", "functions", "tests/domain", "tests/functions", "tests/contracts", "tests/integration")
LEFT_OUT = (
    # These search long, so that one mutant would take minutes.
    "tests/domain/test_*machine*",
    "tests/contracts/test_machine*",
    # These start other servers, or know nothing of a session.
    "tests/integration/test_artefact*",
    "tests/integration/test_dynamodb_local*",
    "tests/integration/test_local_*",
    "tests/integration/test_packages*",
    "tests/contracts/test_*_wire*",
    "tests/contracts/test_model_client*",
    "tests/domain/agents/*",
    "tests/functions/adapters/models/*",
    "tests/functions/runtime/test_http*",
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
        """Return the tests that run any line of the mutant's function, the likely and quick ones first.

        What stands outside of functions runs when it is imported, for every test.
        """
        lines = mutant.lines
        found = frozenset().union(*(self.at.get((mutant.path, line), ()) for line in lines)) if lines else self.seconds
        stem = Path(mutant.path).stem
        return sorted(found, key=lambda test: (f"/test_{stem}" not in test, self.seconds[test], test))


def survey(checkout: Checkout, *options: str, processes: int) -> Survey:
    """Run all tests in the copy once, and return what they did.

    Raises:
        MutationError: one failed, so nothing could be told from failures.
    """
    left_out = [f"--ignore-glob={glob}" for glob in LEFT_OUT]
    arguments = (*TESTS, *left_out, *options, f"--numprocesses={processes}", "--dist=loadfile", "--cov=domain")
    context = ("--cov=functions", "--cov-context=test", "--cov-report=", "--cov-fail-under=0")
    run = checkout.pytest(
        *arguments, *context, f"--seconds-into={DURATIONS}", seconds=SURVEY_SECONDS, COVERAGE_FILE=COVERAGE
    )
    if run.code != 0:
        raise MutationError(f"The tests must pass before anything is broken on purpose; they said:\n{run.output}")
    seconds = json.loads((checkout.folder / DURATIONS).read_text())
    return Survey(seconds, _lines(checkout.folder, seconds))


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
