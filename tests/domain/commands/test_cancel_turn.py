"""Stopping what a session is doing."""

import pytest

from domain.commands.run_turn import Delivery
from domain.model.errors import IdempotencyKeyReused, SessionInactive, SessionNotFound, ToolCallClosed
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import CallStatus, Role
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import (
    SessionTestHelper,
    calls,
    make_key,
    memory_store,
    reads,
    scripted_model,
    text,
    wants,
)
from tests.support.deciding import approvals_of
from tests.support.invariants import check_session
from tests.support.plans import start_plan, statuses
from tests.support.system import BOB, memory_system


def test_cancel_closes_what_is_open_when_the_client_is_waited_for() -> None:
    """The session is idle, the calls are told as cancelled, and nothing is owed."""
    system = memory_system()
    key, (first, second) = SessionTestHelper.create_waiting_session(system, "a.py", "b.py")

    cancelled = system.cancel(key)

    assert (cancelled.turn.status, cancelled.queued) == (TurnStatus.IDLE, 0)
    assert [message.outcome for message in system.messages(key)[2:]] == [CallStatus.CANCELLED] * 2
    assert system.facts(key)[-5:] == [
        "ToolCallCancelled",
        "MessageAdded",
        "ToolCallCancelled",
        "MessageAdded",
        "TurnCancelled",
    ]
    for call in (first, second):
        with pytest.raises(ToolCallClosed):
            system.give(key, call, result="late")
    check_session(memory_store(system), key)


def test_cancel_ends_the_approval_when_a_person_is_asked() -> None:
    """Nobody needs to decide any more."""
    system = memory_system(calls(wants("delete_file", path="a.py"), *reads("b.py")))
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)

    system.cancel(key)

    (approval,) = approvals_of(system, key)
    assert approval.status == "cancelled"
    assert approval.decided_at is not None
    assert system.session(key).awaiting_approval == ()
    assert system.facts(key)[-6:] == [
        "ApprovalCancelled",
        "ToolCallCancelled",
        "MessageAdded",
        "ToolCallCancelled",
        "MessageAdded",
        "TurnCancelled",
    ]


def test_cancel_drops_the_queue_when_messages_wait() -> None:
    """Each of their turns is told as cancelled; the messages themselves stay in the log."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two", "three")

    cancelled = system.cancel(key)

    assert (cancelled.turn.status, cancelled.queued) == (TurnStatus.IDLE, 0)
    assert system.facts(key)[-3:] == ["TurnCancelled"] * 3
    assert [message.content for message in system.messages(key)] == ["one", "two", "three"]
    assert not system.session(key).is_turn_owed


def test_answer_in_flight_is_not_written_when_its_turn_was_cancelled() -> None:
    """Whatever the model still says, its worker cannot write it, and the next message is answered."""
    system = memory_system()

    def cancelled_meanwhile(_: ModelRequest) -> ModelAnswer:
        system.cancel(key)
        return text("Too late.")

    key = SessionTestHelper.create_session_with_messages(system)
    scripted_model(system).answers = [cancelled_meanwhile, text("In time.")]

    assert system.work(key) is Delivery.COMES_BACK
    system.say(key, "again")
    system.work(key)

    said = [message.content for message in system.messages(key) if message.role is Role.ASSISTANT]
    assert said == ["In time."]
    assert system.session(key).turn.number == 2


@pytest.mark.parametrize("is_answered", [False, True])
def test_cancel_writes_nothing_when_there_is_nothing_to_stop(*, is_answered: bool) -> None:
    """A session that is idle, fresh or after its answer, stays as it is."""
    system = memory_system(text())
    key = system.create(agent="coder")
    if is_answered:
        system.say(key)
        system.work(key)
    before = system.facts(key)

    assert system.cancel(key).turn.status is TurnStatus.IDLE

    assert system.facts(key) == before


def test_cancel_stops_the_plan_when_its_subtask_is_at_work() -> None:
    """The plan goes on only when its owner says so."""
    system = memory_system()
    key = system.create(agent="coder")
    start_plan(system, key, (), (0,))

    system.cancel(key)

    assert not system.session(key).is_turn_owed
    assert statuses(system, key)[0] == "failed"
    check_session(memory_store(system), key)


@pytest.mark.parametrize("other", [make_key("missing"), make_key("s1", BOB)])
def test_cancel_is_refused_when_the_session_is_not_mine(other: SessionKey) -> None:
    """A session of somebody else does not exist."""
    system = memory_system()
    SessionTestHelper.create_waiting_session(system)

    with pytest.raises(SessionNotFound):
        system.cancel(other)


def test_cancel_is_refused_when_the_session_is_inactive() -> None:
    """An inactive session takes no commands."""
    system = memory_system()
    key = system.create()
    system.update(key, is_active=False)

    with pytest.raises(SessionInactive):
        system.cancel(key)


def test_repeat_stops_nothing_when_the_key_is_the_same() -> None:
    """A late repeat is told what was answered, and the turn that has begun since goes on."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system)
    first = system.cancel(key, idempotency_key="k")
    system.say(key, "go on")

    again = system.cancel(key, idempotency_key="k")

    assert again.model_dump() == first.model_dump()
    assert again.is_replayed
    assert system.session(key).turn.status is TurnStatus.RUNNING


def test_key_is_refused_when_it_came_with_another_request() -> None:
    """A key names one request; the same words to another operation are another name."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "hello")
    system.cancel(key, idempotency_key="k")

    assert system.say(key, "hi", idempotency_key="k").seq
    with pytest.raises(IdempotencyKeyReused):
        system.say(key, "other", idempotency_key="k")
