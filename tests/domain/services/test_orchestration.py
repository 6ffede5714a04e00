"""A turn as a worker does it: routing, rounds, results, limits."""

from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.base import Fact
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed, ModelCircuitOpened
from domain.model.events.turn import TurnCompleted, TurnStarted
from domain.model.message import CallStatus, Role
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import SessionKey
from domain.services.deployment import Limits
from tests.support.builders import (
    SessionTestHelper,
    calls,
    completes,
    hands_to,
    reads,
    routes_to,
    scripted_model,
    text,
    unavailable,
    wants,
)
from tests.support.system import System, memory_system

LIMITS = Limits()


def asked(*answers: Any, agent: AgentType = AgentType.CODER) -> tuple[System, SessionKey]:
    """Return a system whose worker has done what one message asked for."""
    system = memory_system(*answers)
    key = system.create(agent=agent)
    system.say(key, "Fix the lock.")
    system.work(key)
    return system, key


def asked_of(agent: AgentType, *answers: Any) -> tuple[System, SessionKey]:
    """Return a system whose coder's session was asked something of `agent`."""
    system = memory_system(*answers or (text("One."),))
    key = system.create(agent=AgentType.CODER)
    system.say(key, "Fix the lock.", agent=agent)
    system.work(key)
    return system, key


def facts(system: System, key: SessionKey, kind: type[Fact]) -> list[Any]:
    """Return the facts of one type."""
    return [event.fact for event in system.events(key) if isinstance(event.fact, kind)]


@pytest.mark.parametrize("agent", sorted(set(AgentType) - {AgentType.ORCHESTRATOR}))
def test_agent_answers_with_its_own_prompt_and_tools_when_it_is_current(agent: AgentType) -> None:
    """A known agent is asked at once, in one round."""
    system, key = asked(text("Done."), agent=agent)

    (request,) = scripted_model(system).requests
    assert request.system == REGISTRY[agent].prompt
    assert [tool.name for tool in request.tools] == list(REGISTRY[agent].tools)
    assert request.response_schema is None
    assert facts(system, key, TurnStarted) == [TurnStarted(turn=1, agent=agent)]
    assert facts(system, key, TurnCompleted) == [TurnCompleted(turn=1, agent=agent, rounds=1)]
    assert facts(system, key, LlmRequestCompleted)[0].purpose == "answer"


def test_message_is_routed_when_the_orchestrator_is_current() -> None:
    """A model chooses, the session switches, and the same turn goes on with the chosen agent."""
    system, key = asked(routes_to("ask", confidence=0.8), text("It is there."), agent=AgentType.ORCHESTRATOR)

    assert facts(system, key, AgentSwitched) == [
        AgentSwitched(
            from_agent=AgentType.ORCHESTRATOR, to_agent=AgentType.ASK, reason=SwitchReason.ROUTED, confidence=0.8
        )
    ]
    assert [fact.purpose for fact in facts(system, key, LlmRequestCompleted)] == ["route", "answer"]
    assert scripted_model(system).requests[1].system == REGISTRY[AgentType.ASK].prompt
    assert system.messages(key)[-1].agent is AgentType.ASK
    assert facts(system, key, TurnCompleted)[0].rounds == 2


@pytest.mark.parametrize(
    ("answer", "fact"), [(text("I pick ask."), LlmRequestCompleted), (unavailable(), LlmRequestFailed)]
)
def test_keywords_route_when_the_model_does_not(answer: Any, fact: type[Fact]) -> None:
    """A model that fails or rambles stops nobody; the switch says that nobody classified."""
    system, key = asked(answer, text("Done."), agent=AgentType.ORCHESTRATOR)

    (switch,) = facts(system, key, AgentSwitched)
    assert (switch.to_agent, switch.confidence, switch.is_fallback) == (AgentType.CODER, None, True)
    assert facts(system, key, fact)[0].purpose == "route"
    assert system.facts(key)[-1] == "TurnCompleted"


def test_agent_stays_when_it_answered_in_words() -> None:
    """A second message goes to the same agent, without routing."""
    system, key = asked(routes_to("ask"), text("One."), text("Two."), agent=AgentType.ORCHESTRATOR)

    system.say(key, "And the other?")
    system.work(key)

    assert [message.agent for message in system.messages(key) if message.role is Role.ASSISTANT] == [AgentType.ASK] * 2
    assert len(facts(system, key, AgentSwitched)) == 1


def test_next_message_is_routed_afresh_when_the_agent_completed() -> None:
    """After `attempt_completion` nobody is current but the orchestrator."""
    system, key = asked(completes(), routes_to("ask"), text("Two."))

    system.say(key, "And the other?")
    system.work(key)

    assert [(fact.to_agent, fact.reason) for fact in facts(system, key, AgentSwitched)] == [
        (AgentType.ORCHESTRATOR, SwitchReason.COMPLETED),
        (AgentType.ASK, SwitchReason.ROUTED),
    ]


def test_requested_agent_answers_when_the_message_names_one() -> None:
    """The user's choice is a switch of his, and it holds for later messages."""
    system, key = asked_of(AgentType.ASK)

    assert facts(system, key, AgentSwitched) == [
        AgentSwitched(from_agent=AgentType.CODER, to_agent=AgentType.ASK, reason=SwitchReason.USER)
    ]
    assert facts(system, key, TurnStarted) == [TurnStarted(turn=1, agent=AgentType.ASK)]
    assert system.session(key).agent.current_agent is AgentType.ASK


def test_message_is_routed_when_it_asks_for_the_orchestrator() -> None:
    """Asking for the orchestrator means: choose anew."""
    system, key = asked_of(AgentType.ORCHESTRATOR, routes_to("ask"), text("Done."))

    assert [(fact.to_agent, fact.reason) for fact in facts(system, key, AgentSwitched)] == [
        (AgentType.ORCHESTRATOR, SwitchReason.USER),
        (AgentType.ASK, SwitchReason.ROUTED),
    ]
    assert system.facts(key)[-1] == "TurnCompleted"


def test_requested_agent_may_hand_over_when_its_turn_goes_on() -> None:
    """The user's choice decides the first round, not every round."""
    system, key = asked_of(AgentType.ASK, hands_to("coder"), text("Done."))

    assert system.messages(key)[-1].agent is AgentType.CODER


def test_requested_agent_waits_for_its_turn_when_the_message_is_queued() -> None:
    """The turn in progress is not disturbed by what a later message asks for."""
    system = memory_system(text("One."), text("Two."))
    key = SessionTestHelper.create_session_with_messages(system, "first")
    system.say(key, "second", agent=AgentType.ASK)

    system.work(key)

    answers = [message for message in system.messages(key) if message.role is Role.ASSISTANT]
    assert [(message.turn, message.agent) for message in answers] == [(1, AgentType.CODER), (2, AgentType.ASK)]


def test_turn_goes_on_when_the_client_has_given_every_result() -> None:
    """Results come back in any order; the model sees them behind their calls, in its own order."""
    system, key = asked(calls(*reads("a.py", "b.py")), text("Read both."))
    first, second = system.session(key).open_calls

    system.give(key, second, result="B")
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_TOOLS
    system.give(key, first, error="No such file.")
    assert system.session(key).turn.status is TurnStatus.RUNNING
    system.work(key)

    shown = scripted_model(system).requests[1].messages
    assert [(message.role, message.content) for message in shown] == [
        (Role.USER, "Fix the lock."),
        (Role.ASSISTANT, ""),
        (Role.TOOL, "No such file."),
        (Role.TOOL, "B"),
    ]
    assert [call.status for call in shown[1].tool_calls] == [CallStatus.FAILED, CallStatus.DONE]
    assert facts(system, key, TurnCompleted)[0].rounds == 2


def test_model_sees_its_refusals_when_it_tries_again() -> None:
    """The reason stands behind the call, and a mended call goes through."""
    system, key = asked(calls(*reads("/etc/passwd")), calls(*reads("a.py")))

    refusal = scripted_model(system).requests[1].messages[-1]
    assert (refusal.role, refusal.outcome) == (Role.TOOL, CallStatus.REFUSED)
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_TOOLS


def test_turn_fails_when_the_model_only_does_what_it_may_not() -> None:
    """Three refused answers may be mended, the fourth ends the turn; nothing reached the client."""
    system, key = asked(*[calls(wants("create_plan", title="a"))] * 9)

    error = system.session(key).turn.error
    assert error
    assert error.code is TurnErrorCode.TURN_LIMIT
    assert len(scripted_model(system).requests) == LIMITS.refusals + 1
    assert "ToolCallRequested" not in system.facts(key)
    assert system.facts(key)[-1] == "TurnFailed"


def test_turn_fails_when_it_needs_too_many_rounds() -> None:
    """After twenty-five model calls the turn ends with a clear message instead of another one."""
    system, key = asked(*[hands_to("coder")] * 99)

    error = system.session(key).turn.error
    assert error
    assert error.code is TurnErrorCode.TURN_LIMIT
    assert len(scripted_model(system).requests) == LIMITS.rounds


def test_rounds_count_across_workers_when_the_client_answers_in_between() -> None:
    """Calls of the client do not reset the limit."""
    system, key = asked(*[calls(*reads("a.py"))] * 99)

    for _ in range(LIMITS.rounds - 1):
        system.give(key, system.session(key).open_calls[0], result="x")
        system.work(key)
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_TOOLS
    system.give(key, system.session(key).open_calls[0], result="x")
    system.work(key)

    assert system.session(key).turn.status is TurnStatus.FAILED
    assert len(scripted_model(system).requests) == LIMITS.rounds


def test_agents_stop_handing_over_when_they_did_it_too_often() -> None:
    """Five switches a turn; the next one is refused and the agent has to finish."""
    ping_pong = [hands_to("ask"), hands_to("coder")] * 3
    system, key = asked(*ping_pong, text("I give in."))

    assert len(facts(system, key, AgentSwitched)) == LIMITS.switches
    assert system.facts(key).count("AgentSwitchRefused") == 1
    assert system.messages(key)[-1].content == "I give in."


@pytest.mark.parametrize("failure", [unavailable("503"), unavailable("empty"), unavailable("timeout"), text(" ")])
def test_turn_fails_when_the_model_does_not_answer(failure: Any) -> None:
    """The client reads why, the log has the provider's status, and the next message gets its chance."""
    system, key = asked(failure, text("Back again."))

    error = system.session(key).turn.error
    assert error
    assert error.code is TurnErrorCode.MODEL_UNAVAILABLE
    status = failure.status if isinstance(failure, ModelFailure) else "empty"
    assert [fact.status for fact in facts(system, key, LlmRequestFailed)] == [status]
    assert system.facts(key)[-3:] == ["TurnStarted", "LlmRequestFailed", "TurnFailed"]

    system.say(key, "Again.")
    system.work(key)

    assert system.session(key).turn.error is None
    assert system.messages(key)[-1].content == "Back again."


def test_queued_message_is_answered_when_the_model_failed_the_one_before() -> None:
    """A failed turn does not hold up the queue."""
    system = memory_system(unavailable(), text("Two."))
    key = SessionTestHelper.create_session_with_messages(system, "first", "second")

    system.work(key)

    assert [message.turn for message in system.messages(key) if message.role is Role.ASSISTANT] == [2]
    assert system.session(key).turn.status is TurnStatus.IDLE


def test_circuit_is_told_in_the_log_of_the_session_whose_call_did_it() -> None:
    """Opening follows the failure that did it, closing the answer, each with the model's name."""
    down, back = unavailable(), text("Back.").model_copy(update={"circuit": (CircuitChange.CLOSED,)})
    down.circuit = (CircuitChange.OPENED,)
    system, key = asked(down, back)
    system.say(key, "And now?")
    system.work(key)

    told = [fact for fact in system.facts(key) if fact.startswith(("Llm", "Model"))]
    assert told == ["LlmRequestFailed", "ModelCircuitOpened", "LlmRequestCompleted", "ModelCircuitClosed"]
    assert facts(system, key, ModelCircuitOpened) == [ModelCircuitOpened(model="scripted")]


def test_calls_are_found_by_their_ids_when_the_circuit_closes_in_the_same_commit() -> None:
    """A call is named after its commit's last fact, however many facts that commit has."""
    closing = calls(*reads("a.py")).model_copy(update={"circuit": (CircuitChange.CLOSED,)})
    system, key = asked(closing)
    (call_id,) = system.session(key).open_calls

    assert call_id == f"{system.session(key).last_seq}-0"
