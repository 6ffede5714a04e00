"""Deciding on a plan while messages wait behind the turn that proposed it."""

import pytest

from domain.commands.decide_approval import Decide, DecideApprovalCommand
from domain.model.agent import AgentType
from domain.model.events.turn import TurnReason
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import Role
from domain.services.approvals import PLANNING_TOOL
from tests.support.builders import calls, memory_store, scripted_model, text, wants
from tests.support.system import TRACE, System, memory_system

STEP = {"title": "Do it", "description": "All of it.", "agent": "coder", "estimated_time_minutes": 5}


@pytest.mark.parametrize("decision", [Decide.APPROVE, Decide.REJECT])
def test_queued_message_is_answered_when_the_plan_before_it_was_decided(decision: Decide) -> None:
    """Its own event came while the planning turn was owed, so the decision asks for a worker again."""
    system: System = memory_system()
    key = system.create(agent=AgentType.ARCHITECT)
    system.say(key, "Plan it.")

    def plan_while_somebody_speaks(_: ModelRequest) -> ModelAnswer:
        system.say(key, "And by the way?")
        return calls(wants(PLANNING_TOOL, title="A plan", description="Of one step.", subtasks=[STEP]))

    scripted_model(system).answers.append(plan_while_somebody_speaks)
    system.work(key)
    [approval] = memory_store(system).approvals.values()
    asked_before = len(system.requested_turns(key))

    system.registry.execute_command(
        DecideApprovalCommand(
            user=key.user, session_id=key.session_id, trace=TRACE, approval_id=approval.id, decision=decision
        )
    )

    asked = system.requested_turns(key)[asked_before:]
    assert [(fact.turn, fact.reason) for fact in asked] == [(2, TurnReason.NEXT_MESSAGE)]
    scripted_model(system).answers += [text("By the way."), text("Done.")]
    if decision is Decide.APPROVE:
        system.work(key)
        said = [message.content for message in system.messages(key) if message.role is Role.ASSISTANT]
        assert said[-2:] == ["By the way.", "Done."]
