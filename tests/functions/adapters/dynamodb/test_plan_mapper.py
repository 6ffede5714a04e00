"""Plans survive their item, and the largest fits one."""

from hypothesis import given

from domain.model.plan import Plan
from domain.model.subtask import RESULT_BYTES
from domain.services.call_checks import MAX_ARGUMENT_BYTES
from functions.adapters.dynamodb.models import PlanItem
from functions.adapters.dynamodb.plan_mapper import PlanMapper
from tests.functions.adapters.dynamodb.strategies import plans
from tests.support.builders import make_key
from tests.support.fakes import START
from tests.support.item_size import KILOBYTE, item_bytes
from tests.support.plans import make_plan

MAPPER = PlanMapper(make_key())
MOST_SUBTASKS = 50
ITEM_LIMIT = 400 * KILOBYTE


@given(plans())
def test_plan_comes_back_the_same_when_stored(plan: Plan) -> None:
    """Every field of plan and subtasks, absent ones included."""
    assert MAPPER.to_entity(PlanItem.from_raw_data(MAPPER.to_model(plan).serialize())) == plan


def test_plan_fits_an_item_when_all_its_results_are_as_large_as_can_be() -> None:
    """As much text as a call can bring, and beside it a result of most bytes for each of most subtasks."""
    plan = make_plan(*([()] * MOST_SUBTASKS), description="x" * MAX_ARGUMENT_BYTES).approved(START)
    for turn in range(MOST_SUBTASKS):
        plan = plan.started(10**12 + turn, START).finished("\0" * RESULT_BYTES, START)

    assert item_bytes(MAPPER.to_model(plan).serialize()) < ITEM_LIMIT
