"""Sessions that live beside each other cost what each costs alone, counted on DynamoDB Local."""

import pytest

from domain.model.agent import AgentType
from domain.model.value import SessionKey
from domain.ports import Clock
from infra.local.dynamodb_local import DynamoDbLocal
from tests.load.estimate import FACTS, turn_cost
from tests.support.builders import calls, reads, scripted_model, text
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock
from tests.support.figures import Figures
from tests.support.metering import Cost, Meter
from tests.support.steady_lock import steady
from tests.support.system import System


@pytest.fixture
def sessions(request: pytest.FixtureRequest, table_name: str) -> tuple[System, list[SessionKey]]:
    """Return a system and some sessions of one user in it, which have all had a turn before."""
    system = steady(dynamodb_system(table_name, ports={Clock: FakeClock()}))
    keys = [system.create(f"s{number}", agent=AgentType.CODER) for number in range(request.param)]
    hold_turns(system, keys)
    return system, keys


def hold_turns(system: System, keys: list[SessionKey]) -> None:
    """Let every session take a step of its turn before any takes the next: question, call, result, answer."""
    model = scripted_model(system)
    for key in keys:
        system.get(Clock).advance(1.0)
        system.say(key, "What does README.md say?")
    for key in keys:
        model.answers.append(calls(*reads("README.md")))
        system.work(key)
    for key in keys:
        (call_id,) = system.session(key).open_calls
        system.give(key, call_id, result="text")
    for key in keys:
        model.answers.append(text("done"))
        system.work(key)


@pytest.mark.parametrize("sessions", [1, 3, 8], indirect=True, ids=lambda number: f"{number} sessions")
def test_turn_costs_its_budget_whoever_else_is_at_work(
    sessions: tuple[System, list[SessionKey]], dynamodb_local: DynamoDbLocal, figures: Figures
) -> None:
    """Requests and units of a turn are those of the budgets, and no more when others take turns beside it."""
    system, keys = sessions
    facts_before = len(system.facts(keys[0]))
    meter = Meter(system, dynamodb_local.port)
    looking = meter.cost_of(lambda: [system.session(key) for key in keys])

    spent = meter.cost_of(lambda: hold_turns(system, keys))

    budget = turn_cost()
    requests, reads = spent.requests - looking.requests, spent.reads - looking.reads
    a_turn = Cost(requests // len(keys), spent.units // len(keys), reads / len(keys))
    figures.note(f"turns of {len(keys)} sessions at once", requests=a_turn.requests, write_units=a_turn.units)
    assert (a_turn.requests, a_turn.units) == (budget.requests, budget.units)
    assert a_turn.reads <= budget.reads
    assert len(system.facts(keys[0])) - facts_before == FACTS
