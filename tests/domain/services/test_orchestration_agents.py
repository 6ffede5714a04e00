"""Which agents a worker lets speak: those of the deployment."""

from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.llm import LlmRequestCompleted
from domain.model.events.turn import TurnCompleted, TurnFailed
from domain.model.message import Role
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import SessionKey
from domain.services.deployment import Deployment, deployment
from tests.support.builders import (
    calls,
    completes,
    hands_to,
    memory_store,
    routes_to,
    scripted_model,
    text,
    unavailable,
    wants,
)
from tests.support.invariants import check_session
from tests.support.system import System, memory_system


def alone(*answers: Any, **fields: Any) -> tuple[System, SessionKey]:
    """Return a system of a single agent whose worker has done what one message asked for."""
    system = memory_system(*answers, single_agent="true")
    key = system.create()
    system.say(key, "Build an application.", **fields)
    system.work(key)
    return system, key


def facts(system: System, key: SessionKey, kind: type) -> list[Any]:
    """Return the facts of one type."""
    return [event.fact for event in system.events(key) if isinstance(event.fact, kind)]


@pytest.mark.parametrize("fields", [{}, {"agent": AgentType.ORCHESTRATOR}], ids=["routed", "asked to route"])
def test_universal_answers_without_routing_when_it_is_alone(fields: dict[str, Any]) -> None:
    """One model call, one commit: the switch is part of the answer's, and says that nobody classified."""
    system, key = alone(text("Done."), **fields)

    (request,) = scripted_model(system).requests
    assert request.system == REGISTRY[AgentType.UNIVERSAL].prompt
    assert facts(system, key, AgentSwitched) == [
        AgentSwitched(
            from_agent=AgentType.ORCHESTRATOR, to_agent=AgentType.UNIVERSAL, reason=SwitchReason.ROUTED, confidence=None
        )
    ]
    assert [fact.purpose for fact in facts(system, key, LlmRequestCompleted)] == ["answer"]
    assert facts(system, key, TurnCompleted) == [TurnCompleted(turn=1, agent=AgentType.UNIVERSAL, rounds=1)]
    assert len(memory_store(system).commits) == 3
    check_session(memory_store(system), key)


def test_universal_answers_again_when_it_completed_its_task() -> None:
    """After a completion nobody is current, and there is still one to choose."""
    system, key = alone(completes(), text("Two."))

    system.say(key, "And now?")
    system.work(key)

    assert [fact.to_agent for fact in facts(system, key, AgentSwitched)] == [
        AgentType.UNIVERSAL,
        AgentType.ORCHESTRATOR,
        AgentType.UNIVERSAL,
    ]
    assert system.messages(key)[-1].content == "Two."


def test_switch_is_told_when_the_only_agents_model_fails() -> None:
    """The turn fails as it would with any other agent."""
    system, key = alone(unavailable())

    assert system.facts(key)[-4:] == ["TurnStarted", "AgentSwitched", "LlmRequestFailed", "TurnFailed"]
    assert system.session(key).agent.current_agent is AgentType.UNIVERSAL


def test_universal_keeps_the_word_when_it_hands_over_to_nobody() -> None:
    """An agent of another deployment is none of this one."""
    system, key = alone(hands_to("coder"), text("Alone, then."))

    assert "AgentSwitchRefused" in system.facts(key)
    assert system.messages(key)[-1].agent is AgentType.UNIVERSAL


@pytest.mark.parametrize("is_asked", [False, True], ids=["it spoke before", "the message asks for it"])
def test_somebody_else_answers_when_the_agent_left_with_a_deployment(*, is_asked: bool) -> None:
    """A session outlives the deployment it began with: nothing is stuck, a new agent is found."""
    system = memory_system(text("Mine now."))
    key = system.create(agent=AgentType.ORCHESTRATOR if is_asked else AgentType.CODER)
    system.say(key, agent=AgentType.CODER if is_asked else None)
    system.container.register(Deployment, lambda: deployment(is_single_agent=True))

    system.work(key)

    assert system.messages(key)[-1].agent is AgentType.UNIVERSAL
    assert system.session(key).turn.status is TurnStatus.IDLE
    check_session(memory_store(system), key)


def test_turn_ends_when_the_deployments_limit_of_rounds_is_reached() -> None:
    """A setting, not a constant."""
    system = memory_system(*[calls(wants("echo", text="x"))] * 9, max_rounds="2")
    key = system.create(agent=AgentType.ASK)
    system.say(key)

    system.work(key)

    assert [fact.code for fact in facts(system, key, TurnFailed)] == [TurnErrorCode.TURN_LIMIT]
    assert len(scripted_model(system).requests) == 2


def test_request_goes_to_the_architect_when_it_is_not_atomic() -> None:
    """The model's choice of agent yields to its judgement that this takes several steps."""
    system = memory_system(routes_to("coder", is_atomic=False), text("A design."))
    key = system.create()
    system.say(key, "Build an application.")

    system.work(key)

    assert [message.agent for message in system.messages(key) if message.role is Role.ASSISTANT] == [
        AgentType.ARCHITECT
    ]


def test_user_is_asked_and_answers_when_something_is_open() -> None:
    """The same agent reads the reply in the next turn, behind its question."""
    question = wants("ask_followup_question", question="Which?", suggestions=["A", "B"])
    system = memory_system(calls(question), text("A it is."))
    key = system.create(agent=AgentType.CODER)
    system.say(key, "Rename it.")
    system.work(key)

    system.say(key, "A")
    system.work(key)

    shown = scripted_model(system).requests[1].messages
    assert [message.role for message in shown] == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER]
    assert [fact.agent for fact in facts(system, key, TurnCompleted)] == [AgentType.CODER] * 2
