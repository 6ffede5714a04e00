"""Deciding a plan: the turn that proposed it ends outside any worker, so what comes next must be asked for."""

import pytest

from domain.model.agent import AgentType
from domain.model.events.turn import TurnReason
from domain.model.session import TurnStatus
from tests.support.builders import calls, wants
from tests.support.plans import make_plan_arguments
from tests.support.stepped import Stepped, SteppedModel
from tests.support.system import memory_system


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_queued_message_is_asked_for_when_a_plan_is_decided(decision: str) -> None:
    """A message that was queued before the plan was proposed has its turn, though its own request was seen to."""
    system = memory_system(model=SteppedModel())
    key = system.create(agent=AgentType.ARCHITECT)
    system.say(key, "Plan it.")
    worker = Stepped(lambda: system.work(key))
    system.say(key, "And then this.")
    while not worker.is_over:
        worker.resume(
            calls(
                wants(
                    "create_plan",
                    **make_plan_arguments(
                        (),
                    ),
                )
            )
        )
    (call_id,) = system.session(key).awaiting_approval

    system.decide(key, call_id, decision)

    turn = system.session(key).turn
    assert (turn.number, turn.status) == (2, TurnStatus.RUNNING)
    newest = system.requested_turns(key)[-1]
    assert (newest.turn, newest.reason) == (2, TurnReason.NEXT_MESSAGE)
