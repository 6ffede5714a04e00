"""`make faults`, second half: tries the fixed sample of mistakes and fails when too few are noticed."""

import argparse
import os
import queue
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from infra.local.dynamodb_local import DynamoDbLocal
from infra.local.progress import step
from tests.faults.mutation.checkout import Checkout
from tests.faults.mutation.mutants import Mutant
from tests.faults.mutation.report import GOAL, score, shown, tell, terminal
from tests.faults.mutation.sample import ONE_IN, SEED, modules, population, sample
from tests.faults.mutation.survey import survey
from tests.faults.mutation.trial import Trial, put_to_trial
from tests.faults.mutation.trouble import MutationError


def main(arguments: Sequence[str]) -> int:
    """Try the sample, print who survived.

    Returns:
        The exit code: 0, or 1 when the goal is missed; 2 when nothing can be said.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutation")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="try these mutants alone; a name may be cut short")
    parser.add_argument("--one-in", type=int, default=ONE_IN, help="try one in so many; 1 tries all")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    mutants = sample(options.one_in)
    if options.only:
        mutants = tuple(mutant for mutant in population() if mutant.name.startswith(tuple(options.only)))
    if not mutants:
        parser.error("no mutant has such a name: its function may have changed")
    console = terminal()
    console.print(f"{len(mutants)} of {len(population())} mutants of {len(modules())} modules, seed {SEED!r}.")
    try:
        trials = shown(console, try_all(mutants, options.processes), len(mutants))
    except MutationError as error:
        print(error, file=sys.stderr)
        return 2
    tell(console, trials)
    return 0 if score(trials) >= GOAL else 1


def try_all(mutants: Sequence[Mutant], processes: int) -> Iterator[Trial]:
    """Yield what becomes of each mutant, as soon as it is known; each process has a copy of the checkout.

    Raises:
        MutationError: the tests fail already without mistakes.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutation-")))
        shared = f"--dynamodb-local={stack.enter_context(DynamoDbLocal.start(folder / 'dynamodb')).port}"
        copies = [stack.enter_context(Checkout(folder / f"copy{number}")) for number in range(processes)]
        with step("See which tests run which lines"):
            seen = survey(copies[0], shared, processes=processes)
        free: queue.SimpleQueue[Checkout] = queue.SimpleQueue()
        for copy in copies:
            free.put(copy)

        def attempt(mutant: Mutant) -> Trial:
            checkout = free.get()
            try:
                return put_to_trial(mutant, checkout, seen, shared)
            finally:
                free.put(checkout)

        pool = ThreadPoolExecutor(processes)
        # Whoever stops half-way waits for the trials that have begun, not for all.
        stack.callback(pool.shutdown, cancel_futures=True)
        for future in as_completed([pool.submit(attempt, mutant) for mutant in mutants]):
            yield future.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
