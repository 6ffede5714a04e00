"""Whose turn it is when a person decides on a plan."""

import pytest

from domain.commands.decide_approval import Decide, DecideApprovalCommand
from domain.model.events.turn import TurnCompleted
from tests.support.builders import calls, make_trace, scripted_model, wants
from tests.support.plans import make_plan_arguments
from tests.support.system import System, memory_system


@pytest.fixture
def system() -> System:
    """Return a system in memory whose architect proposes a plan."""
    system = memory_system()
    scripted_model(system).answers += [calls(wants("create_plan", **make_plan_arguments(())))]
    return system


@pytest.mark.parametrize("decision", [Decide.APPROVE, Decide.REJECT])
def test_turn_was_the_architects_when_its_plan_is_decided_upon(system: System, decision: Decide) -> None:
    """Who speaks from the decision on has not completed the turn that proposed the plan."""
    key = system.create(agent="architect")
    system.say(key, "Plan it.")
    system.work(key)
    (call_id,) = system.session(key).awaiting_approval

    system.registry.execute_command(
        DecideApprovalCommand(
            user=key.user,
            session_id=key.session_id,
            trace=make_trace(),
            approval_id=f"a-{call_id}",
            decision=decision,
        )
    )
    (completed,) = [event.fact for event in system.events(key) if isinstance(event.fact, TurnCompleted)]

    assert completed.agent == "architect"
