"""The net under the queue."""

import pytest

from domain.commands.run_turn import Delivery
from domain.model.change import Commit
from domain.model.errors import LostFence, LostRace, StorageUnavailable
from domain.model.lock import LEASE_SECONDS, Holder
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import (
    SessionTestHelper,
    calls,
    fake_clock,
    make_key,
    memory_store,
    reads,
    scripted_model,
    text,
    unavailable,
)
from tests.support.system import System, memory_system


def owed(*messages: str) -> tuple[System, SessionKey]:
    """Return a system whose session is owed the turns of these messages."""
    system = memory_system()
    return system, SessionTestHelper.create_session_with_messages(system, *messages)


def test_turn_fails_when_its_message_was_given_up() -> None:
    """The client reads that it could not be finished, and nothing is owed any more."""
    system, key = owed("first")

    assert system.give_up(key, 1) is Delivery.DONE

    session = system.session(key)
    assert session.turn.error
    assert session.turn.error.code is TurnErrorCode.TURN_FAILED
    assert (session.turn.status, session.attempts) == (TurnStatus.FAILED, 0)
    assert system.facts(key)[-1] == "TurnFailed"
    assert memory_store(system).locks == {}


def test_next_turn_is_requested_when_a_message_waits_behind_the_failed_one() -> None:
    """Its own message may be long gone: a fresh one starts a fresh worker, and the session is free for it."""
    system, key = owed("first", "second")
    scripted_model(system).answers = [text("Two.")]

    assert system.give_up(key, 1) is Delivery.DONE

    assert system.facts(key)[-2:] == ["TurnFailed", "TurnRequested"]
    assert (system.requested_turns(key)[-1].turn, system.requested_turns(key)[-1].reason) == (2, "hand_over")
    assert memory_store(system).locks == {}
    assert system.work(key) is Delivery.DONE
    assert (system.messages(key)[-1].content, system.messages(key)[-1].turn) == ("Two.", 2)


@pytest.mark.parametrize("turn", [1, 3])
def test_owed_turn_is_requested_anew_when_the_dead_message_asked_for_another(turn: int) -> None:
    """The dead message may have covered whatever is owed by now; that turn has its chance, with all its attempts."""
    system, key = owed("first", "second", "third")
    system.say(key, "fourth", on_busy="interrupt")
    store = memory_store(system)
    store.heads[key] = store.heads[key].model_copy(update={"attempts": 2})

    assert system.give_up(key, turn) is Delivery.DONE

    session = system.session(key)
    assert (session.turn.number, session.turn.status, session.attempts) == (2, TurnStatus.RUNNING, 0)
    assert system.facts(key)[-1] == "TurnRequested"
    assert "TurnFailed" not in system.facts(key)
    assert system.requested_turns(key)[-1].turn == 2
    assert memory_store(system).locks == {}


@pytest.mark.parametrize("outcome", [text(), unavailable(), calls(*reads("a.py"))], ids=["idle", "failed", "waiting"])
def test_message_is_done_when_nothing_is_owed(outcome: object) -> None:
    """Somebody was faster; nothing is written."""
    system = memory_system(outcome)
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)
    before = system.facts(key)

    assert system.give_up(key, 1) is Delivery.DONE

    assert system.facts(key) == before


def test_message_is_done_when_the_session_is_gone() -> None:
    """An erased session owes nothing."""
    assert memory_system().give_up(make_key("missing"), 1) is Delivery.DONE


def test_message_comes_back_when_somebody_holds_the_session() -> None:
    """A worker may still make it; if it dies, this message is there again."""
    system, key = owed("first")
    memory_store(system).acquire(key, Holder(name="worker", cover="cover", receipt="r"))

    assert system.give_up(key, 1) is Delivery.COMES_BACK
    fake_clock(system).advance(LEASE_SECONDS)
    assert system.give_up(key, 1) is Delivery.DONE

    assert system.session(key).turn.status is TurnStatus.FAILED


def test_vanished_worker_is_told_when_its_turn_is_failed() -> None:
    """Whoever takes over a lock whose holder vanished says so, the net included."""
    system, key = owed("first")
    memory_store(system).acquire(key, Holder(name="worker", cover="cover", receipt="r"))
    fake_clock(system).advance(LEASE_SECONDS)

    system.give_up(key, 1)

    assert system.facts(key)[-3:] == ["LockLost", "TurnRecovered", "TurnFailed"]


@pytest.mark.parametrize("error", [LostRace, LostFence])
def test_message_comes_back_when_somebody_writes_meanwhile(error: type[Exception]) -> None:
    """The session is given back at once, and the next delivery decides on what it finds."""
    system, key = owed("first")
    store = memory_store(system)

    def interfere(_: Commit) -> None:
        store.before_commit = lambda _: None
        raise error

    store.before_commit = interfere

    assert system.give_up(key, 1) is Delivery.COMES_BACK
    assert store.locks == {}
    assert system.give_up(key, 1) is Delivery.DONE


def test_message_comes_back_when_a_message_races_with_it() -> None:
    """What came meanwhile is not failed by mistake, and is asked for by the next delivery."""
    system, key = owed("first")
    store = memory_store(system)

    def interfere(_: Commit) -> None:
        store.before_commit = lambda _: None
        system.say(key, "second", on_busy="interrupt")

    store.before_commit = interfere

    assert system.give_up(key, 1) is Delivery.COMES_BACK
    assert system.give_up(key, 1) is Delivery.DONE

    assert system.session(key).turn.status is TurnStatus.RUNNING
    assert "TurnFailed" not in system.facts(key)


def test_message_comes_back_by_error_when_the_store_does_not_answer() -> None:
    """Nobody is told that it was done; the lease runs out by itself."""
    system, key = owed("first")
    store = memory_store(system)

    def fail(_: Commit) -> None:
        raise StorageUnavailable

    store.before_commit = fail

    with pytest.raises(StorageUnavailable):
        system.give_up(key, 1)
