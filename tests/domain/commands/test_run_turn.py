"""What becomes of a turn's queue message: every way found to lose a turn, and what closes it."""

import pytest

from domain.commands.run_turn import Delivery
from domain.model.change import Commit
from domain.model.errors import LostRace, StorageUnavailable
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import COVER_SECONDS, LEASE_SECONDS, Holder
from domain.model.session import TurnStatus
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
    turn_queue,
    unavailable,
)
from tests.support.fakes import WorkerKilled
from tests.support.system import System, memory_system


def die(_: ModelRequest) -> ModelAnswer:
    """Kill the worker in its model call."""
    raise WorkerKilled


def killed(system: System, key: SessionKey, *, cover: str = "cover") -> None:
    """Let a worker die over the turn, its lock taken."""
    with pytest.raises(WorkerKilled):
        system.work(key, cover=cover)


def owed(*answers: object) -> tuple[System, SessionKey]:
    """Return a system whose session is owed its first turn."""
    system = memory_system(*answers)
    return system, SessionTestHelper.create_session_with_messages(system)


def test_message_is_done_when_its_turn_was_answered() -> None:
    """The turn is worked off, the session given back, and the message may go."""
    system, key = owed(text("Hello."))

    assert system.work(key) is Delivery.DONE

    assert [message.content for message in system.messages(key)] == ["hello", "Hello."]
    assert system.session(key).turn.status is TurnStatus.IDLE
    assert memory_store(system).locks == {}
    assert system.facts(key)[4:] == ["TurnStarted", "LlmRequestCompleted", "MessageAdded", "TurnCompleted"]


def test_message_is_hidden_shortly_first_of_all_when_it_arrives() -> None:
    """Should the worker die at any later point, the message is back within seconds."""
    system, key = owed()
    seen: list[list[tuple[str, int]]] = []

    def answer(_: ModelRequest) -> ModelAnswer:
        seen.append(list(turn_queue(system).extended))
        return text()

    scripted_model(system).answers = [answer]
    system.work(key)

    assert seen == [[("receipt-1", COVER_SECONDS)]]
    assert turn_queue(system).extended == seen[0]


@pytest.mark.parametrize("key", [make_key("s1"), make_key("missing")])
def test_message_is_done_when_nothing_is_owed(key: SessionKey) -> None:
    """A stale or repeated message, or one of an erased session, costs one refused request and changes nothing."""
    system, _ = owed(text())
    system.work(make_key("s1"), cover="first")
    commits = len(memory_store(system).commits)

    assert system.work(key, cover="second") is Delivery.DONE

    assert len(memory_store(system).commits) == commits
    assert len(scripted_model(system).requests) == 1


@pytest.mark.parametrize("status", [TurnStatus.WAITING_FOR_TOOLS, TurnStatus.FAILED])
def test_message_is_done_when_the_turn_waits_or_has_failed(status: TurnStatus) -> None:
    """Neither is work for a model."""
    answer = calls(*reads("a.py")) if status is TurnStatus.WAITING_FOR_TOOLS else unavailable()
    system, key = owed(answer)
    system.work(key)
    fence = system.session(key).fence

    assert system.session(key).turn.status is status
    assert system.work(key) is Delivery.DONE
    assert system.session(key).fence == fence


def test_message_is_done_when_another_message_covers_the_holder() -> None:
    """Should the holder die, its own message brings the turn back; and it sees what came meanwhile."""
    system, key = owed(die)
    killed(system, key, cover="first")

    assert system.work(key, cover="second") is Delivery.DONE

    assert turn_queue(system).extended[-1] == ("receipt-2", COVER_SECONDS)


@pytest.mark.parametrize(("passed", "hidden"), [(0, 3), (0.4, 3), (0.5, 2), (1.5, 1), (1.599, 1)])
def test_message_comes_back_when_it_covers_the_holder_itself(passed: float, hidden: int) -> None:
    """It outlives the holder's lease: hidden for what is left of it in whole seconds, then delivered again."""
    system, key = owed(die)
    killed(system, key)
    fake_clock(system).advance(passed)

    assert system.work(key) is Delivery.COMES_BACK

    assert turn_queue(system).extended[-2:] == [("receipt-2", COVER_SECONDS), ("receipt-2", hidden)]
    assert hidden >= LEASE_SECONDS - passed


@pytest.mark.parametrize("passed", [1.601, COVER_SECONDS, 2.499])
def test_worker_waits_for_the_end_of_the_lease_when_its_message_was_hidden_no_more(passed: float) -> None:
    """A dead holder's successor starts within the lease, and asks the model at its end."""
    system, key = owed(die, text("Done."))
    killed(system, key)
    died_at = fake_clock(system).seconds
    fake_clock(system).advance(passed)

    assert system.work(key) is Delivery.DONE

    assert fake_clock(system).seconds == pytest.approx(died_at + LEASE_SECONDS)
    assert turn_queue(system).extended[-1] == ("receipt-2", COVER_SECONDS)
    assert system.facts(key)[-1] == "TurnCompleted"


def test_message_comes_back_when_its_holder_turns_out_to_be_alive() -> None:
    """It could not hide the message in time, but it renews while a second worker waits for its end."""
    system, key = owed()
    store, clock = memory_store(system), fake_clock(system)
    lease = store.acquire(key, Holder(name="alive", cover="cover", receipt="receipt-1"))
    clock.advance(COVER_SECONDS)
    clock.while_asleep = lambda: store.renew(lease)

    assert system.work(key) is Delivery.COMES_BACK

    assert store.locks[key][0].name == "alive"
    assert turn_queue(system).extended[-1] == ("receipt-1", 3)


def test_message_comes_back_when_nothing_covers_the_holder() -> None:
    """A holder that no message stands behind, like the one that empties dead letters, may die too."""
    system, key = owed()
    memory_store(system).acquire(key, Holder(name="dead-letters", cover="", receipt=""))

    assert system.work(key) is Delivery.COMES_BACK

    assert turn_queue(system).extended[-1] == ("receipt-1", 3)


def test_message_comes_back_when_the_worker_lost_its_fence() -> None:
    """The successor may be covered by this very message; nothing is written by the loser."""
    system, key = owed(text("Too late."))

    def stolen(_: Commit) -> None:
        memory_store(system).before_commit = lambda _: None
        fake_clock(system).advance(LEASE_SECONDS)
        memory_store(system).acquire(key, Holder(name="successor", cover="cover", receipt="r"))

    memory_store(system).before_commit = stolen
    before = system.facts(key)

    assert system.work(key) is Delivery.COMES_BACK

    assert system.facts(key) == before
    assert memory_store(system).locks[key][0].name == "successor"


def test_holder_takes_its_own_lock_again_when_the_first_answer_was_lost() -> None:
    """A retried request does not lock its own worker out."""
    system, key = owed(text())
    memory_store(system).acquire(key, Holder(name="worker", cover="cover", receipt="r"))

    assert system.work(key, holder="worker") is Delivery.DONE

    assert system.facts(key)[-1] == "TurnCompleted"
    assert not {"LockLost", "TurnRecovered"} & set(system.facts(key))


@pytest.mark.parametrize("error", [StorageUnavailable, KeyError])
def test_message_comes_back_by_error_when_the_worker_fails(error: type[Exception]) -> None:
    """The session is given back at once, so the next delivery need not wait for the lease, and nothing is doubled."""
    system, key = owed(text("Lost."), text("Found."))

    def fail(_: Commit) -> None:
        memory_store(system).before_commit = lambda _: None
        raise error

    memory_store(system).before_commit = fail
    with pytest.raises(error):
        system.work(key)
    assert memory_store(system).locks == {}

    assert system.work(key) is Delivery.DONE

    assert [message.content for message in system.messages(key)] == ["hello", "Found."]
    assert not {"LockLost", "TurnRecovered"} & set(system.facts(key))


def test_message_comes_back_by_error_when_every_commit_loses_its_race() -> None:
    """A holder that others outrun for six seconds gives up, and the lock with it."""
    system, key = owed(text())

    def contend(_: Commit) -> None:
        fake_clock(system).advance(1.0)
        raise LostRace

    memory_store(system).before_commit = contend

    with pytest.raises(LostRace):
        system.work(key)

    assert memory_store(system).locks == {}
    assert 6 < fake_clock(system).seconds < 9
