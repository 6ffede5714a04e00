"""Decisions, results, cancellations and expiries at the same moment: an approval has one winner, whoever it is."""

from collections import Counter
from functools import partial

import pytest

from domain.commands.expire_approval import ExpireApprovalCommand
from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus
from domain.model.errors import ApprovalAlreadyDecided, ApprovalRequired, Refusal, ToolCallClosed
from domain.model.message import CallStatus
from domain.model.session import TurnStatus
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, ExpiryQueue, SessionRepository
from domain.queries.list_approvals import ApprovalDTO
from tests.integration.test_races_of_calls import at_once
from tests.support.approval_invariants import DECISION_FACTS
from tests.support.builders import calls, fake_clock, scripted_model, wants
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock, FakeTurnQueue
from tests.support.figures import Figures
from tests.support.invariants import check_turns
from tests.support.system import SETTINGS, TRACE, System

ROUNDS = 8
EDITED = {"command": "edited"}


@pytest.fixture
def system(table_name: str) -> System:
    """A system whose time stands still, but for those who wait for others."""
    system = dynamodb_system(table_name, ports={Clock: FakeClock(), ExpiryQueue: FakeTurnQueue()})
    system.registry.prepare()
    return system


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


def test_one_decision_wins_when_eight_decide_at_once(system: System, figures: Figures) -> None:
    """One is told what it decided, seven that somebody was faster."""
    seen: Counter[str] = Counter()
    for number in range(ROUNDS):
        key, call_id = create_asking(system, number)
        approve = partial(system.decide, key, call_id, "approve")
        edit = partial(system.decide, key, call_id, "edit", modified_arguments=EDITED)
        reject = partial(system.decide, key, call_id, "reject", feedback="No.")

        outcomes = at_once(approve, edit, reject, approve, edit, reject, approve, edit)

        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, ApprovalDTO)]
        assert sum(isinstance(outcome, ApprovalAlreadyDecided) for outcome in outcomes) == 7
        status, _ = check_one_end(system, key, call_id)
        assert winner.status is status
        seen[status.value] += 1
    figures.note(f"8 deciders at once, {ROUNDS} times", **seen)


def test_everything_has_one_outcome_when_decision_expiry_cancel_and_result_race(
    system: System, figures: Figures
) -> None:
    """At the second of its expiry nobody can decide any more; before it, nobody can let it expire."""
    seen: Counter[str] = Counter()
    for number in range(ROUNDS):
        key, call_id = create_asking(system, number)
        is_late = number % 2 == 1
        fake_clock(system).advance(int(SETTINGS.approval_seconds) if is_late else 1)

        outcomes = at_once(
            partial(system.decide, key, call_id, "approve"),
            partial(system.decide, key, call_id, "reject"),
            partial(expire, system, key, call_id),
            partial(expire, system, key, call_id),
            partial(system.cancel, key),
            partial(system.give, key, call_id, result="ran"),
        )

        approval, call = check_one_end(system, key, call_id)
        decided, result = outcomes[:2], outcomes[5]
        assert sum(isinstance(outcome, ApprovalDTO) for outcome in decided) <= (not is_late)
        assert approval in (
            {ApprovalStatus.EXPIRED, ApprovalStatus.CANCELLED}
            if is_late
            else {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED, ApprovalStatus.CANCELLED}
        )
        assert isinstance(result, ApprovalRequired | ToolCallClosed) == (call is not CallStatus.DONE)
        assert not isinstance(outcomes[4], Refusal)
        assert system.session(key).turn.status is TurnStatus.IDLE
        seen[f"{approval.value}, call {call.value}"] += 1
    figures.note(f"2 decisions, 2 expiries, a cancellation and a result at once, {ROUNDS} times", **seen)
