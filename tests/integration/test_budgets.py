"""What operations cost is counted, and fails the build when it grows."""

import pytest

from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.budgets import BUDGETS, LENGTHS, Budget
from tests.support.figures import Figures


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.operation)
def test_operation_keeps_its_budget_when_its_session_is_of_any_length(
    budget: Budget, length: int, table_name: str, dynamodb_local: DynamoDbLocal, figures: Figures
) -> None:
    """Requests and write units are those of architecture §9, after ten events as after a thousand."""
    cost = budget.measure(table_name, dynamodb_local.port, events=length)

    if length == max(LENGTHS):
        figures.note(budget.operation, requests=cost.requests, units=cost.units)
    assert cost == budget.cost
