"""What every operation costs, at every length of its session, beside its budget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.markdown import markdown_table
from tests.support.bench import LENGTHS, Budget
from tests.support.budgets import BUDGETS
from tests.support.dynamodb import plain_client, table
from tests.support.metering import Cost

HEADINGS = ("Operation", "Requests", "Write units", "Read units", "Budget")


@dataclass(frozen=True)
class Counted:
    """What one operation cost.

    Attributes:
        budget: What it may cost.
        costs: What it cost, at each of `LENGTHS`.
    """

    budget: Budget
    costs: tuple[Cost, ...]

    @property
    def is_above_budget(self) -> bool:
        """Whether any of its figures is above its budget, at any length."""
        return not all(self.budget.allows(cost) for cost in self.costs)


def count_operations(port: int, budgets: Iterable[Budget] = BUDGETS) -> Sequence[Counted]:
    """Carry out every operation on DynamoDB Local, each on a table and a session of its own."""
    return [Counted(budget, tuple(_cost(budget, port, length) for length in LENGTHS)) for budget in budgets]


def operations_table(counted: Iterable[Counted]) -> str:
    """Return the table; a cell says one figure where it is the same at all lengths, else one for each."""
    return markdown_table(HEADINGS, (_row(one) for one in counted))


def _cost(budget: Budget, port: int, length: int) -> Cost:
    with table(plain_client(port), f"length-{length}") as name:
        return budget.measure(name, port, events=length)


def _row(one: Counted) -> Sequence[str]:
    budget = " · ".join(_figure(value) for value in (one.budget.requests, one.budget.units, one.budget.reads))
    return (
        one.budget.operation,
        _cell([cost.requests for cost in one.costs]),
        _cell([cost.units for cost in one.costs]),
        _cell([cost.reads for cost in one.costs]),
        f"{budget} **exceeded**" if one.is_above_budget else budget,
    )


def _cell(values: Sequence[float]) -> str:
    distinct = values[:1] if len(set(values)) == 1 else values
    return " · ".join(_figure(value) for value in distinct)


def _figure(value: float) -> str:
    return f"{value:g}"
