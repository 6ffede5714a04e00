"""A session that waits for a person's leave: how it comes to it, and what must hold however that ended."""

from domain.commands.expire_approval import ExpireApprovalCommand
from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus
from domain.model.message import CallStatus
from domain.model.session import TurnStatus
from domain.model.value import CallId, SessionKey
from domain.ports import SessionRepository
from tests.support.approval_invariants import DECISION_FACTS
from tests.support.builders import calls, scripted_model, wants
from tests.support.invariants import check_turns
from tests.support.system import TRACE, System

EDITED = {"command": "edited"}
"""What a person puts in place of the arguments."""


def create_asking(system: System, number: int) -> tuple[SessionKey, CallId]:
    """A session whose turn waits for a person's leave, and the call."""
    key = system.create(f"asked-{number}", agent=AgentType.CODER)
    system.say(key, "run it")
    scripted_model(system).answers[:] = [calls(wants("execute_command", command="ls"))]
    system.work(key)
    (call_id,) = system.session(key).awaiting_approval
    return key, call_id


def expire(system: System, key: SessionKey, call_id: CallId) -> object:
    """Deliver the message that sees to the approval's end."""
    command = ExpireApprovalCommand(
        user=key.user, session_id=key.session_id, trace=TRACE, call_id=call_id, receipt="receipt"
    )
    return system.registry.execute_command(command)


def check_one_end(system: System, key: SessionKey, call_id: CallId) -> tuple[ApprovalStatus, CallStatus]:
    """Fail unless the approval ended once, and head, call and log agree about it; return how both ended."""
    session, events, messages = system.session(key), system.events(key), system.messages(key)
    loaded = system.get(SessionRepository).load(key, call_id=call_id, with_approval=True)
    assert loaded.approval
    assert loaded.call
    told = [event.fact for event in events if isinstance(event.fact, tuple(DECISION_FACTS.values()))]
    assert [type(fact) for fact in told] == [DECISION_FACTS[loaded.approval.status]]
    is_open = loaded.call.status is CallStatus.APPROVED
    assert session.awaiting_approval == ()
    assert session.open_calls == ((call_id,) if is_open else ())
    assert (session.turn.status is TurnStatus.WAITING_FOR_TOOLS) == is_open
    results = [message.outcome for message in messages if message.tool_call_id == call_id]
    assert results == ([] if is_open else [loaded.call.status])
    assert loaded.call.edited == loaded.approval.modified_arguments
    check_turns(session, events, messages)
    return loaded.approval.status, loaded.call.status
