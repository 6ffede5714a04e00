"""A turn whose worker died: taken over, told once, and given up after too many attempts."""

import pytest

from domain.commands.run_turn import Delivery
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import LEASE_SECONDS
from domain.model.message import Role
from domain.model.session import TurnErrorCode
from domain.model.value import SessionKey
from tests.support.builders import (
    SessionTestHelper,
    calls,
    fake_clock,
    memory_store,
    reads,
    scripted_model,
    text,
)
from tests.support.fakes import WorkerKilled
from tests.support.system import System, memory_system

RECOVERY = ["LockLost", "TurnRecovered"]


def die(_: ModelRequest) -> ModelAnswer:
    """Kill the worker in its model call."""
    raise WorkerKilled


def killed(system: System, key: SessionKey, times: int = 1) -> None:
    """Let so many workers die over the turn one after the other, each lease run out."""
    scripted_model(system).answers[:0] = [die] * times
    for _ in range(times):
        with pytest.raises(WorkerKilled):
            system.work(key)
        fake_clock(system).advance(LEASE_SECONDS)


def owed(*answers: object) -> tuple[System, SessionKey]:
    """Return a system whose session is owed its first turn."""
    system = memory_system(*answers)
    return system, SessionTestHelper.create_session_with_messages(system)


def test_turn_is_taken_over_when_its_worker_died() -> None:
    """Once the lease has run out, the message's next delivery answers, and tells what happened, once."""
    system, key = owed(text("Here I am."))
    killed(system, key)

    assert system.work(key) is Delivery.DONE

    assert system.facts(key)[4:] == [
        *RECOVERY,
        "TurnStarted",
        "LlmRequestCompleted",
        "MessageAdded",
        "TurnCompleted",
    ]
    lost, recovered = (event.fact.model_dump() for event in system.events(key)[4:6])
    assert (lost, recovered) == ({"fence": 1}, {"turn": 1, "attempt": 2})


def test_recovery_is_told_once_when_the_turn_goes_on_for_many_rounds() -> None:
    """Later commits of the successor, and later turns, say nothing of it."""
    system, key = owed(calls(*reads("../x")), text("One."), text("Two."))
    killed(system, key)
    system.say(key, "next")

    system.work(key)

    assert [fact for fact in system.facts(key) if fact in RECOVERY] == RECOVERY
    assert [message.content for message in system.messages(key) if message.role is Role.ASSISTANT] == [
        "",
        "One.",
        "Two.",
    ]


@pytest.mark.parametrize("deaths", [1, 2])
def test_turn_is_answered_when_no_more_than_three_workers_were_needed(deaths: int) -> None:
    """Three attempts are free, and a commit forgets those that came to nothing."""
    system, key = owed(text())
    killed(system, key, times=deaths)

    system.work(key)

    assert system.facts(key)[-1] == "TurnCompleted"
    assert system.session(key).attempts == 0


def test_turn_fails_when_more_than_three_attempts_came_to_nothing() -> None:
    """The fourth worker asks no model: it ends the turn with a clear message, and tells of the one it replaced."""
    system, key = owed()
    killed(system, key, times=3)

    assert system.work(key) is Delivery.DONE

    session = system.session(key)
    assert session.turn.error
    assert session.turn.error.code is TurnErrorCode.TURN_FAILED
    assert system.facts(key)[4:] == [*RECOVERY, "TurnFailed"]
    assert (session.attempts, memory_store(system).locks) == (0, {})
    assert len(scripted_model(system).requests) == 3


def test_next_turn_is_answered_when_the_one_before_it_was_given_up() -> None:
    """The worker that gave up goes on with the message that waited."""
    system, key = owed(text("Answer to the second."))
    system.say(key, "second")
    killed(system, key, times=3)

    system.work(key)

    assert system.facts(key)[-5:] == [
        "TurnFailed",
        "TurnStarted",
        "LlmRequestCompleted",
        "MessageAdded",
        "TurnCompleted",
    ]
    assert system.messages(key)[-1].turn == 2


def test_interrupting_turn_is_answered_when_each_of_many_before_it_was_interrupted() -> None:
    """A user who corrects himself thrice in time has cost workers, but no turn of his has failed."""
    system, key = owed()
    model = scripted_model(system)

    def interrupted(_: ModelRequest) -> ModelAnswer:
        system.say(key, "no, wait", on_busy="interrupt")
        return text("Unwanted.")

    model.answers = [*[interrupted] * 5, text("At last.")]
    for _ in range(5):
        assert system.work(key) is Delivery.COMES_BACK

    system.work(key)

    assert system.messages(key)[-1].content == "At last."
    assert "TurnFailed" not in system.facts(key)
