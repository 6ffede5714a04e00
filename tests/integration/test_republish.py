"""Telling the log again, as often as anybody likes, changes nothing: every subscriber of the catalog tolerates it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from domain.model.agent import AgentType
from domain.model.log import Event
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from domain.ports import EventPublisher
from functions.adapters.aws import Aws
from functions.catalog import CATALOG, DeadLetters, Function, Queue
from infra.operations.republishing import Republisher
from tests.support.builders import calls, reads, scripted_model, text, wants
from tests.support.edge import LambdaContext, started
from tests.support.figures import Figures
from tests.support.operated import envelope
from tests.support.plans import make_plan_arguments
from tests.support.scenario import ScenarioBuilder
from tests.support.system import System

TIMES = 2
WRITES = calls(wants("write_file", path="a.py", content="x = 1"))

Life = Callable[[ScenarioBuilder], object]


def _failed(life: ScenarioBuilder) -> None:
    life.says()
    life.system.give_up(life.key, 1)


def _cancelled(life: ScenarioBuilder) -> None:
    life.says().hears(calls(*reads("a.py")))
    life.system.cancel(life.key)


def _planned(life: ScenarioBuilder) -> None:
    life.system.switch(life.key, AgentType.ARCHITECT)
    life.says().hears(calls(wants("create_plan", **make_plan_arguments(()))))


LIVES: Mapping[str, tuple[TurnStatus, Life]] = {
    "answered": (TurnStatus.IDLE, lambda life: life.says().hears(text()).says("and").hears(text())),
    "waiting for a result": (TurnStatus.WAITING_FOR_TOOLS, lambda life: life.says().hears(calls(*reads("a.py", "b")))),
    "waiting for a decision": (TurnStatus.WAITING_FOR_APPROVAL, lambda life: life.says().hears(WRITES)),
    "approved": (TurnStatus.WAITING_FOR_TOOLS, lambda life: life.says().hears(WRITES).approves()),
    "rejected": (TurnStatus.IDLE, lambda life: life.says().hears(WRITES).rejects().hears(text())),
    "expired": (TurnStatus.IDLE, lambda life: life.says().hears(WRITES).keeps_silent().hears(text())),
    "planned": (TurnStatus.WAITING_FOR_APPROVAL, _planned),
    "failed": (TurnStatus.FAILED, _failed),
    "cancelled": (TurnStatus.IDLE, _cancelled),
}
"""How a session may have lived, and where that leaves it; one for each state in which nobody works."""


def _subscribers(event: Event) -> list[Function]:
    """Return every function that would be given `event`, as a fact or as a dead letter of one."""
    asked = [
        row
        for row in CATALOG
        if isinstance(row.trigger, Queue) and any(one.matches(event.fact) for one in row.trigger.subscriptions)
    ]
    dead = [row for row in CATALOG for queue in asked if row.trigger == DeadLetters(getattr(queue.trigger, "name", ""))]
    return [*asked, *dead]


def _deliver(system: System, row: Function, event: Event) -> None:
    record = {"messageId": f"again-{row.name}", "receiptHandle": "receipt", "body": envelope(event)}
    started(row.name, system)({"Records": [record]}, LambdaContext())


def _items(system: System, table_name: str) -> list[Any]:
    items = system.get(Aws).client("dynamodb").scan(TableName=table_name, ConsistentRead=True)["Items"]
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def _told_again(system: System, key: SessionKey) -> list[Event]:
    """Republish a session and hand every fact to whoever asked for it; return the facts."""
    publisher = system.get(EventPublisher)
    publisher.taken.clear()
    republisher = Republisher(system.container)
    told = republisher.tell(republisher.log.of_session(key))
    assert not told.left
    for event in publisher.taken:
        for row in _subscribers(event):
            _deliver(system, row, event)
    return list(publisher.taken)


@pytest.mark.parametrize("name", LIVES)
def test_nothing_changes_when_a_session_is_told_again(
    name: str, system: System, table_name: str, figures: Figures
) -> None:
    """Same items before and after, to the last attribute; no further answer; the same facts under the same ids."""
    status, live = LIVES[name]
    life = ScenarioBuilder(system)
    live(life)
    before, log = _items(system, table_name), system.events(life.key)
    assert system.session(life.key).turn.status is status
    model = scripted_model(system)
    asked = len(model.requests)

    for _ in range(TIMES):
        again = _told_again(system, life.key)

    deliveries = sum(len(_subscribers(event)) for event in log)
    figures.note(f"republished {TIMES} times: {name}", facts=len(log), deliveries=TIMES * deliveries, changed=0)
    assert [event.event_id for event in again] == [event.event_id for event in log]
    assert [event.fact for event in again] == [event.fact for event in log]
    assert deliveries
    assert _items(system, table_name) == before
    assert len(model.requests) == asked


def test_lives_end_in_every_state_in_which_nobody_works() -> None:
    """A state that is added gets a life that ends in it; nothing leads to the one for budgets yet."""
    assert {status for status, _ in LIVES.values()} == set(TurnStatus) - {
        TurnStatus.RUNNING,
        TurnStatus.WAITING_FOR_BUDGET,
    }


def test_lost_turn_is_answered_once_when_it_is_told_again(system: System) -> None:
    """A turn whose fact nobody ever got is what this is for: the first time answers it, the second finds nothing."""
    life = ScenarioBuilder(system).says()
    scripted_model(system).answers += [text("Here.")]

    for _ in range(TIMES):
        _told_again(system, life.key)

    assert [message.content for message in system.messages(life.key)] == ["hello", "Here."]
    assert system.session(life.key).turn.status is TurnStatus.IDLE
