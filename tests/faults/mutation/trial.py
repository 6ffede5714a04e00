"""One mutant against the tests that could notice it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.mutation.checkout import Checkout, Run
from tests.faults.mutation.mutants import Mutant
from tests.faults.mutation.survey import Survey
from tests.faults.mutation.trouble import MutationError

LISTED = "tests.json"
SPARE_SECONDS = 120
"""For starting pytest, on a machine that is busy with other things."""
SLOWER = 5
TEST_SECONDS = 20
FIRST = 16
"""So many tests are tried alone: they notice most mistakes, and only their files are imported for them."""
PASSED, FAILED, INTERRUPTED, NO_TESTS = 0, 1, 2, 5
BROKEN_IMPORT = "ImportError while loading conftest"


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Trial:
    """How a mutant fared.

    Attributes:
        mutant: The mistake.
        fate: What became of it; one that never ends is noticed too.
        tests: How many tests run its function.
    """

    mutant: Mutant
    fate: Fate
    tests: int


def put_to_trial(mutant: Mutant, checkout: Checkout, survey: Survey, *options: str) -> Trial:
    """Run the tests that could notice the mistake, until one does.

    Raises:
        MutationError: pytest could not run them.
    """
    tests = survey.tests_of(mutant)
    if not tests:
        return Trial(mutant, Fate.SURVIVED, 0)
    with checkout.holding(mutant):
        for some in filter(None, (tests[:FIRST], tests[FIRST:])):
            fate = _fate(mutant, _run(some, checkout, survey, options))
            if fate is not Fate.SURVIVED:
                break
    return Trial(mutant, fate, len(tests))


def _run(tests: Sequence[str], checkout: Checkout, survey: Survey, options: Sequence[str]) -> Run:
    (checkout.folder / LISTED).write_text(json.dumps(tests))
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    return checkout.pytest(
        *files,
        f"--tests-of={LISTED}",
        "--exitfirst",
        "--tb=no",
        "--hypothesis-profile=blunt",
        f"--timeout={TEST_SECONDS}",
        *options,
        seconds=SPARE_SECONDS + SLOWER * sum(survey.seconds[test] for test in tests),
    )


def _fate(mutant: Mutant, run: Run) -> Fate:
    if run.code is None:
        return Fate.TIMED_OUT
    if run.code in {FAILED, INTERRUPTED} or BROKEN_IMPORT in run.output:
        return Fate.KILLED
    if run.code == PASSED:
        return Fate.SURVIVED
    raise MutationError(f"{mutant.name}: pytest ended with {run.code} and said:\n{run.output}")
