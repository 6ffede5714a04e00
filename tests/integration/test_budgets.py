"""What operations cost is counted, and fails the build when it grows."""

import pytest

from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.bench import LENGTHS, Budget
from tests.support.budgets import BUDGETS
from tests.support.figures import Figures


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.operation)
def test_operation_keeps_its_budget_when_its_session_is_of_any_length(
    budget: Budget, length: int, table_name: str, dynamodb_local: DynamoDbLocal, figures: Figures
) -> None:
    """Requests and write units are those of architecture §9, after ten events as after a thousand."""
    cost = budget.measure(table_name, dynamodb_local.port, events=length)

    assert budget.allows(cost)
    if length == max(LENGTHS):
        figures.note(budget.operation, requests=cost.requests, units=cost.units, reads=cost.reads)
        # A budget that is larger than what it is for would let a figure grow unseen.
        assert cost == budget.cost
