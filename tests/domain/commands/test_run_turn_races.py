"""What comes while a worker is at work: queued messages, interruptions, successors."""

from collections.abc import Callable

import pytest

from domain.commands.add_message import AddMessageCommand
from domain.commands.run_turn import Delivery
from domain.model.change import Commit
from domain.model.errors import SessionNotFound
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import LEASE_SECONDS
from domain.model.message import Role
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import (
    SessionTestHelper,
    calls,
    fake_clock,
    hands_to,
    make_trace,
    memory_store,
    reads,
    scripted_model,
    text,
)
from tests.support.system import TRACE, System, memory_system


def meanwhile(system: System, action: Callable[[], object]) -> None:
    """Let `action` happen between the next decision and its commit."""
    store = memory_store(system)

    def act(_: Commit) -> None:
        store.before_commit = lambda _: None
        action()

    store.before_commit = act


def answers(system: System, key: SessionKey) -> list[tuple[int, str]]:
    """Return turn and content of every assistant message."""
    return [(message.turn, message.content) for message in system.messages(key) if message.role is Role.ASSISTANT]


def owed(*said: ModelAnswer) -> tuple[System, SessionKey]:
    """Return a system whose session is owed its first turn."""
    system = memory_system(*said)
    return system, SessionTestHelper.create_session_with_messages(system, "first")


def test_queued_messages_are_answered_by_the_same_worker_when_it_is_done() -> None:
    """Each in a turn of its own, oldest first, under one lock."""
    system, key = owed(text("One."), text("Two."), text("Three."))
    system.say(key, "second")
    system.say(key, "third")

    assert system.work(key) is Delivery.DONE

    assert answers(system, key) == [(1, "One."), (2, "Two."), (3, "Three.")]
    assert (system.session(key).queued, system.session(key).fence) == (0, 1)
    histories = [[message.content for message in request.messages] for request in scripted_model(system).requests]
    assert histories == [
        ["first"],
        ["first", "One.", "second"],
        ["first", "One.", "second", "Two.", "third"],
    ]


def test_message_is_seen_when_it_comes_during_the_model_call() -> None:
    """It waits for its turn, and the worker that is there goes on with it."""
    system, key = owed()

    def interjected(_: ModelRequest) -> ModelAnswer:
        system.say(key, "second")
        return text("One.")

    scripted_model(system).answers = [interjected, text("Two.")]
    system.work(key)

    assert answers(system, key) == [(1, "One."), (2, "Two.")]
    assert system.facts(key).count("TurnCompleted") == 2


def test_answer_is_decided_upon_again_when_a_message_races_with_its_commit() -> None:
    """The model is not asked twice: the same answer is committed on the session as it has become, at once."""
    system, key = owed(text("One."), text("Two."))
    meanwhile(system, lambda: system.say(key, "second"))

    assert system.work(key) is Delivery.DONE

    assert answers(system, key) == [(1, "One."), (2, "Two.")]
    assert len(scripted_model(system).requests) == 2
    assert fake_clock(system).slept == []
    assert memory_store(system).locks == {}


def test_calls_are_named_anew_when_a_message_races_with_their_commit() -> None:
    """A call is named after its commit, and the commit has moved."""
    system, key = owed(calls(*reads("a.py", "b.py")))
    meanwhile(system, lambda: system.say(key, "second"))

    system.work(key)

    session = system.session(key)
    assert session.open_calls == (f"{session.last_seq}-0", f"{session.last_seq}-1")
    assert (session.turn.status, session.queued) == (TurnStatus.WAITING_FOR_TOOLS, 1)


@pytest.mark.parametrize("is_racing", [False, True], ids=["in the model call", "at the commit"])
def test_nothing_is_written_when_the_turn_was_interrupted(*, is_racing: bool) -> None:
    """The user's interruption breaks the lock: the worker's answer is dropped, the new message has its own turn."""
    system, key = owed()

    def interrupt() -> None:
        system.say(key, "stop", on_busy="interrupt")

    def answer(_: ModelRequest) -> ModelAnswer:
        meanwhile(system, interrupt) if is_racing else interrupt()
        return text("Unwanted.")

    scripted_model(system).answers = [answer, text("Wanted.")]

    assert system.work(key, cover="first") is Delivery.COMES_BACK
    assert system.facts(key)[-3:] == ["TurnCancelled", "MessageAdded", "TurnRequested"]
    assert memory_store(system).locks == {}

    assert system.work(key, cover="second") is Delivery.DONE
    assert answers(system, key) == [(2, "Wanted.")]


def test_successor_works_in_peace_when_the_turn_was_interrupted() -> None:
    """The interrupted worker wakes up while its successor holds the session: one answer, no recovery to tell."""
    system, key = owed()

    def interrupted(_: ModelRequest) -> ModelAnswer:
        system.say(key, "stop", on_busy="interrupt")
        assert system.work(key, cover="second") is Delivery.DONE
        return text("Unwanted.")

    scripted_model(system).answers = [interrupted, text("Wanted.")]

    assert system.work(key, cover="first") is Delivery.COMES_BACK
    assert answers(system, key) == [(2, "Wanted.")]
    assert "LockLost" not in system.facts(key)


@pytest.mark.parametrize("has_finished", [True, False], ids=["successor done", "successor still at work"])
def test_zombie_writes_nothing_when_it_wakes_after_its_lease(*, has_finished: bool) -> None:
    """A worker that slept past its lease has been replaced, whether or not the successor has written already."""
    system, key = owed()
    zombie: list[Delivery] = []

    def sleeping(_: ModelRequest) -> ModelAnswer:
        fake_clock(system).advance(LEASE_SECONDS)
        if has_finished:
            system.work(key, cover="cover")
        else:
            zombie.append(system.work(key, cover="cover"))
        return text("From the dead.")

    scripted_model(system).answers = [sleeping, text("From the living.")]
    delivery = system.work(key, cover="cover")

    assert delivery is Delivery.COMES_BACK
    assert answers(system, key) == [(1, "From the living.")]
    assert system.facts(key).count("TurnRecovered") == 1


def test_first_worker_wins_nothing_when_its_successor_sleeps_too() -> None:
    """The fence tells the second from the first: only the newest holder writes."""
    system, key = owed()
    deliveries: list[Delivery] = []

    def first(_: ModelRequest) -> ModelAnswer:
        fake_clock(system).advance(LEASE_SECONDS)
        deliveries.append(system.work(key))
        return text("First.")

    def second(_: ModelRequest) -> ModelAnswer:
        fake_clock(system).advance(LEASE_SECONDS)
        deliveries.append(system.work(key))
        return text("Second.")

    scripted_model(system).answers = [first, second, text("Third.")]
    deliveries.append(system.work(key))

    assert deliveries == [Delivery.DONE, Delivery.COMES_BACK, Delivery.COMES_BACK]
    assert answers(system, key) == [(1, "Third.")]
    assert system.session(key).fence == 3


@pytest.mark.parametrize(
    ("seconds", "answered"),
    [(58.9, 0), (59.0, 1), (60.0, 1), (88.9, 1), (89.0, 2), (118.9, 2), (119.0, 3), (1000.0, 3)],
)
def test_turn_is_handed_over_when_the_worker_runs_out_of_time(seconds: float, answered: int) -> None:
    """A round begins only while there is time for it; else a fresh message starts a fresh worker."""
    system, key = owed()

    def slow(_: ModelRequest) -> ModelAnswer:
        fake_clock(system).advance(30.0)
        store = memory_store(system)
        for lease in store.holding.values():
            store.renew(lease)
        return calls(*reads("../refused"))

    scripted_model(system).answers = [slow, slow, text("Done.")]

    assert system.work(key, seconds=seconds) is Delivery.DONE

    is_finished = answered == 3
    assert len(scripted_model(system).requests) == answered
    assert system.facts(key)[-1] == ("TurnCompleted" if is_finished else "TurnRequested")
    assert [fact.reason for fact in system.requested_turns(key)][1:] == ([] if is_finished else ["hand_over"])
    assert memory_store(system).locks == {}
    assert system.session(key).is_turn_owed is not is_finished


def test_next_worker_goes_on_when_a_turn_was_handed_over() -> None:
    """Everything the first one knew is in the table; nothing is lost or told twice."""
    system, key = owed(text("Done."))
    system.work(key, seconds=1)

    system.work(key)

    assert answers(system, key) == [(1, "Done.")]
    assert system.facts(key).count("TurnStarted") == 1
    assert "LockLost" not in system.facts(key)


def test_recovery_is_told_when_the_successor_only_hands_over() -> None:
    """Even a worker without time for a round says whom it replaced: its commit forgets it otherwise."""
    system, key = owed()

    def sleeping(_: ModelRequest) -> ModelAnswer:
        fake_clock(system).advance(LEASE_SECONDS)
        system.work(key, seconds=1)
        return text("From the dead.")

    scripted_model(system).answers = [sleeping]
    assert system.work(key) is Delivery.COMES_BACK

    assert system.facts(key)[-3:] == ["LockLost", "TurnRecovered", "TurnRequested"]


def test_model_has_the_workers_time_when_it_is_asked() -> None:
    """All tries together end before the worker must."""
    system, key = owed(text())

    system.work(key, seconds=100)

    assert scripted_model(system).requests[0].budget_seconds == 96


def test_later_turns_belong_to_their_own_requests_when_one_worker_answers_them() -> None:
    """What a queued message causes carries its correlation id and points back at it."""
    system, key = owed(text("One."), hands_to("ask"), text("Two."))
    system.registry.execute_command(
        AddMessageCommand(user=key.user, session_id=key.session_id, trace=make_trace("other"), content="second")
    )
    asked = system.events(key)[-2]

    system.work(key)

    traces = {(event.turn, event.trace) for event in system.events(key)[6:]}
    assert traces == {(1, TRACE), (2, make_trace("other", asked.event_id))}


def test_message_is_done_when_the_session_is_erased_while_the_worker_is_at_work() -> None:
    """There is nothing left to bring back."""
    system, key = owed(text())
    store = memory_store(system)

    def erase() -> None:
        del store.heads[key]

    meanwhile(system, erase)

    assert system.work(key) is Delivery.DONE
    with pytest.raises(SessionNotFound):
        store.get(key)


def test_message_comes_back_when_the_session_was_made_anew_while_the_worker_slept() -> None:
    """Another session under the same id is not the one this worker holds, even under the same fence."""
    system, key = owed(text("For the old one."))
    store = memory_store(system)

    def make_anew() -> None:
        del store.heads[key], store.events[key]
        system.create()
        system.say(key, "anew")
        store.heads[key] = store.heads[key].model_copy(update={"fence": 1})

    meanwhile(system, make_anew)

    assert system.work(key) is Delivery.COMES_BACK
    assert answers(system, key) == []
