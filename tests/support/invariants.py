"""What holds for a session after every single step, whatever has happened to it."""

from collections import Counter

from domain.model.events.agent import AgentAssigned, AgentSwitched
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed
from domain.model.events.system import LockLost
from domain.model.events.turn import (
    TurnCancelled,
    TurnCompleted,
    TurnFailed,
    TurnReason,
    TurnRecovered,
    TurnRequested,
    TurnStarted,
)
from domain.model.llm import ModelRequest
from domain.model.log import Event
from domain.model.message import FINAL, CallStatus, Message, Role, ToolCall
from domain.model.session import Session, TurnStatus
from domain.model.value import CallId, SessionKey
from domain.services.deployment import Limits
from tests.support.approval_invariants import check_approvals
from tests.support.memory_store import MemoryStore
from tests.support.plan_invariants import check_plan

ENDS = (TurnCompleted, TurnFailed, TurnCancelled)
OVER = {TurnStatus.IDLE, TurnStatus.FAILED}


def is_of_recovery(event: Event) -> bool:
    """Return whether an event tells of a worker's end or haste, which is nobody's promise."""
    match event.fact:
        case TurnRequested(reason=TurnReason.HAND_OVER) | LockLost() | TurnRecovered():
            return True
        case _:
            return False


def check_session(store: MemoryStore, key: SessionKey) -> None:
    """Fail unless head, log and calls of a session agree with each other."""
    session, events = store.heads[key], store.events[key]
    messages = [event.message for event in events if event.message]
    check_log(store, session, events)
    check_turns(session, events, messages)
    check_calls(store, session, messages)
    check_approvals(store, session, events)
    check_plan(store, session, events)
    check_agent(session, events)
    assert session.is_active or session.turn.status in OVER


def check_log(store: MemoryStore, session: Session, events: list[Event]) -> None:
    """Numbers without a gap, counters that count, one commit after the other."""
    assert [event.seq for event in events] == list(range(1, session.last_seq + 1))
    assert session.message_count == sum(event.message is not None for event in events)
    assert {event.incarnation for event in events} == {session.incarnation}
    commits = [commit for commit in store.commits if commit.after.key == session.key]
    assert [event for commit in commits for event in commit.events] == events
    assert all(commit.events[-1].seq == commit.after.last_seq for commit in commits)


def check_turns(session: Session, events: list[Event], messages: list[Message]) -> None:
    """Each user message has its turn, each turn its end, and the head says where the newest one stands."""
    turn = session.turn
    asked = [message.turn for message in messages if message.role is Role.USER]
    assert asked == list(range(1, session.last_turn + 1))
    assert session.queued >= 0
    assert not session.queued or turn.status not in OVER
    assert (turn.error is not None) == (turn.status is TurnStatus.FAILED)
    ends = Counter(event.turn for event in events if isinstance(event.fact, ENDS))
    ended = range(1, turn.number + 1 if turn.status in OVER else turn.number)
    assert ends == Counter(ended)
    assert {event.fact.turn for event in events if isinstance(event.fact, TurnRequested)} == set(asked)
    started = Counter(event.turn for event in events if isinstance(event.fact, TurnStarted))
    rounds = Counter(event.turn for event in events if isinstance(event.fact, (LlmRequestCompleted, LlmRequestFailed)))
    assert started == dict.fromkeys(rounds, 1)
    assert max(rounds.values(), default=0) <= Limits().rounds
    assert turn.rounds == rounds[turn.number]
    lost = [event.fact.fence for event in events if isinstance(event.fact, LockLost)]
    assert lost == sorted(set(lost))
    assert session.attempts >= 0
    assert session.is_turn_owed or session.attempts == 0


def check_calls(store: MemoryStore, session: Session, messages: list[Message]) -> None:
    """A call is open exactly while its turn waits for it, and has exactly one result once it has ended."""
    calls = [(message, call) for message in messages for call in message.tool_calls]
    assert len({call.call_id for _, call in calls}) == len(calls)
    results = Counter(message.tool_call_id for message in messages if message.role is Role.TOOL)
    outcomes = {message.tool_call_id: message.outcome for message in messages if message.role is Role.TOOL}
    still_open: dict[CallId, CallStatus] = {}
    for message, call in calls:
        status = _status(store, session.key, call)
        is_final = status in FINAL
        assert results.pop(call.call_id, 0) == is_final
        assert not is_final or outcomes[call.call_id] is status
        if not is_final:
            still_open[call.call_id] = status
            assert message.turn == session.turn.number
    assert not results, "a result without its call"
    assert session.open_calls == tuple(still_open)
    awaiting = [call_id for call_id, status in still_open.items() if status is CallStatus.AWAITING_APPROVAL]
    assert session.awaiting_approval == tuple(awaiting)
    assert (session.turn.status is TurnStatus.WAITING_FOR_APPROVAL) == bool(awaiting)
    assert (session.turn.status is TurnStatus.WAITING_FOR_TOOLS) == (bool(still_open) and not awaiting)


def check_agent(session: Session, events: list[Event]) -> None:
    """The head's agent is the one the log switched to last, and every switch was counted."""
    assigned = [event.fact.agent for event in events if isinstance(event.fact, AgentAssigned)]
    switches = [event.fact for event in events if isinstance(event.fact, AgentSwitched)]
    speakers = [*assigned, *(switch.to_agent for switch in switches)]
    assert [switch.from_agent for switch in switches] == speakers[:-1]
    assert session.agent.current_agent is speakers[-1]
    assert session.agent.switch_count == len(switches)


def check_request(request: ModelRequest) -> None:
    """A model is asked about the newest turn in order, each begun by its message, each call answered right behind."""
    messages = request.messages
    turns = [message.turn for message in messages]
    assert turns == sorted(turns)
    assert [message.turn for message in messages if message.role is Role.USER] == list(range(1, turns[-1] + 1))
    assert messages[-1].role in {Role.USER, Role.TOOL}
    place = 0
    while place < len(messages):
        calls = [call.call_id for call in messages[place].tool_calls]
        answered = [message.tool_call_id for message in messages[place + 1 : place + 1 + len(calls)]]
        assert answered == calls
        assert messages[place].role is not Role.TOOL
        place += 1 + len(calls)


def check_is_over(store: MemoryStore, key: SessionKey) -> None:
    """Nothing is owed, open, queued or locked any more: every message has had its turn."""
    session = store.heads[key]
    assert session.turn.status in OVER
    assert (session.queued, session.open_calls, session.awaiting_approval, session.attempts) == (0, (), (), 0)
    assert key not in store.locks


def _status(store: MemoryStore, key: SessionKey, call: ToolCall) -> CallStatus:
    stored = store.calls.get((key, call.call_id))
    return stored.status if stored else call.status
