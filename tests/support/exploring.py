"""Running a state machine until it has been where it is interesting."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.machinery import MachineryMachine


def explore(machine: type[MachineryMachine], wanted: set[str], *, examples: int) -> None:
    """Run a machine until every state of `wanted` was reached, which the first, repeatable run mostly sees to.

    What Hypothesis draws depends on the modules that other tests of the process have loaded, so rare states may be
    missing from one run; three further ones are free to go elsewhere.
    """
    for attempt in range(4):
        bounds = settings(
            max_examples=examples, stateful_step_count=50, derandomize=attempt == 0, database=None, deadline=None
        )
        run_state_machine_as_test(machine, settings=bounds)
        if all(machine.reached[state] for state in wanted):
            return
    assert not {state for state in wanted if not machine.reached[state]}
