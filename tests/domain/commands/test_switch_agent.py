"""Choosing the agent that speaks."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands.switch_agent import OnBusySwitch, SwitchAgentCommand
from domain.model.agent import AgentType
from domain.model.errors import AgentSwitchError, SessionBusy, SessionNotFound
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.turn import TurnReason, TurnRequested
from domain.model.message import CallStatus, Role
from domain.model.session import TurnStatus
from domain.queries.get_agent_context import AgentContextDTO
from tests.support.builders import SessionTestHelper, make_key, scripted_model, text, unavailable
from tests.support.fakes import START
from tests.support.invariants import check_agent, check_turns
from tests.support.system import ALICE, BOB, TRACE, memory_system

COMMAND: dict[str, Any] = {"user": ALICE, "trace": TRACE, "session_id": "s1", "target_agent": "coder"}


def test_agent_is_switched_when_the_session_is_idle() -> None:
    """The user's reason is kept in the log, the fact says only that the user decided."""
    system = memory_system()
    key = system.create()

    context = system.switch(key, AgentType.CODER, reason="I want code.", confidence=0.5)

    assert context == AgentContextDTO(
        session_id="s1", current_agent=AgentType.CODER, switch_count=1, last_switch_at=START
    )
    (event,) = system.events(key)[2:]
    assert event.fact == AgentSwitched(
        from_agent=AgentType.ORCHESTRATOR,
        to_agent=AgentType.CODER,
        reason=SwitchReason.USER,
        confidence=0.5,
        is_fallback=False,
    )
    assert event.note == "I want code."
    assert "code." not in event.fact.model_dump_json()
    check_agent(system.session(key), system.events(key))


@pytest.mark.parametrize("outcome", [text(), unavailable()], ids=["idle", "failed"])
def test_agent_is_switched_when_the_turn_has_ended(outcome: Any) -> None:
    """`reject` refuses work in progress only; the next message is answered by the agent chosen."""
    system = memory_system(outcome)
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)

    system.switch(key, AgentType.ASK)

    scripted_model(system).answers.append(text("Asked."))
    system.say(key)
    system.work(key)
    assert system.messages(key)[-1].agent is AgentType.ASK


@pytest.mark.parametrize("is_waiting", [False, True], ids=["running", "waiting"])
def test_switch_is_rejected_when_the_session_is_busy(*, is_waiting: bool) -> None:
    """Nothing is stored, and the client knows when to come back."""
    system = memory_system()
    key = (
        SessionTestHelper.create_waiting_session(system)[0]
        if is_waiting
        else SessionTestHelper.create_session_with_messages(system)
    )
    before = system.facts(key)

    with pytest.raises(SessionBusy) as raised:
        system.switch(key, AgentType.ASK)

    assert raised.value.retry_after_seconds == 1
    assert system.facts(key) == before


def test_turn_is_stopped_when_a_switch_interrupts() -> None:
    """The stopped turn is told as cancelled, its worker is shut out, and nothing is owed."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system)

    system.switch(key, AgentType.ASK, on_busy="interrupt")

    assert system.facts(key)[-2:] == ["TurnCancelled", "AgentSwitched"]
    session = system.session(key)
    assert (session.turn.status, session.fence, session.agent.current_agent) == (TurnStatus.IDLE, 1, AgentType.ASK)
    check_turns(session, system.events(key), system.messages(key))


def test_open_calls_are_cancelled_when_a_switch_interrupts_the_client() -> None:
    """The client's own results come too late."""
    system = memory_system()
    key, _ = SessionTestHelper.create_waiting_session(system, "a.py", "b.py")

    system.switch(key, AgentType.ASK, on_busy="interrupt")

    assert [message.outcome for message in system.messages(key) if message.role is Role.TOOL] == [
        CallStatus.CANCELLED
    ] * 2
    assert system.session(key).turn.status is TurnStatus.IDLE


def test_next_message_is_answered_by_the_agent_chosen_when_a_switch_interrupts_one_of_many() -> None:
    """The queue moves up, and a worker is asked for."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two")

    system.switch(key, AgentType.ASK, on_busy="interrupt")

    assert system.events(key)[-1].fact == TurnRequested(turn=2, reason=TurnReason.NEXT_MESSAGE)
    session = system.session(key)
    assert (session.turn.number, session.turn.status, session.queued) == (2, TurnStatus.RUNNING, 0)
    scripted_model(system).answers.append(text("Two."))
    system.work(key)
    assert (system.messages(key)[-1].agent, system.messages(key)[-1].turn) == (AgentType.ASK, 2)


@pytest.mark.parametrize("agent", [AgentType.DEBUG, AgentType.CODER])
def test_switch_is_refused_when_the_agent_is_not_registered(agent: AgentType) -> None:
    """An agent that exists, but not in this deployment."""
    system = memory_system(single_agent="true")
    key = system.create()

    with pytest.raises(AgentSwitchError):
        system.switch(key, agent)

    assert len(system.events(key)) == 2


def test_switch_is_refused_when_the_agent_speaks_already() -> None:
    """Also while the session is busy: nothing is interrupted for nothing."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system)
    before = system.facts(key)

    with pytest.raises(AgentSwitchError, match="speaks already"):
        system.switch(key, AgentType.CODER, on_busy="interrupt")

    assert system.facts(key) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"target_agent": "boss"},
        {"target_agent": None},
        {"reason": ""},
        {"reason": "x" * 2001},
        {"confidence": -0.1},
        {"confidence": 1.1},
        {"confidence": "sure"},
        {"confidence": float("nan")},
        {"on_busy": "enqueue"},
        {"session_id": "a b"},
        {"title": "x"},
    ],
)
def test_command_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """A switch does not wait, and confidence is a share."""
    with pytest.raises(ValidationError):
        SwitchAgentCommand.model_validate(COMMAND | fields)


def test_switch_waits_for_nobody_when_nothing_else_is_said() -> None:
    """The default stops nothing."""
    assert SwitchAgentCommand.model_validate(COMMAND).on_busy is OnBusySwitch.REJECT


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_switch_is_refused_when_there_is_no_such_session(key: Any) -> None:
    """A session of somebody else does not exist."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound):
        system.switch(key, AgentType.ASK)
