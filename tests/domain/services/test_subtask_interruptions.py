"""A plan whose turns are interrupted, stopped, or answered by the user."""

import pytest

from domain.model.agent import AgentType
from domain.model.events.plan import SubtaskStarted
from domain.model.message import Role
from domain.model.session import TurnStatus
from domain.services import turns
from tests.support.builders import (
    calls,
    memory_store,
    reads,
    scripted_model,
    text,
    unavailable,
)
from tests.support.invariants import check_session
from tests.support.plans import (
    asks,
    decide,
    plan_of,
    statuses,
    step,
    working,
)


def test_queued_message_goes_first_when_a_subtask_has_ended() -> None:
    """The user is heard between two subtasks, and the plan goes on by itself."""
    system, key = working(text("One."), text("Aside."), text("Two."))
    system.say(key, "By the way")

    system.work(key)

    assert [message.content for message in system.messages(key) if message.role is Role.ASSISTANT] == [
        "One.",
        "Aside.",
        "Two.",
    ]
    assert [subtask.turn for subtask in plan_of(system, key).subtasks] == [1, 3]
    check_session(memory_store(system), key)


def test_plan_goes_on_when_the_turn_of_a_queued_message_failed() -> None:
    """What became of the user's own question is no matter of the plan."""
    system, key = working(text("One."), unavailable(), text("Two."))
    system.say(key, "By the way")

    system.work(key)

    assert statuses(system, key) == ("completed", "done", "done")


@pytest.mark.parametrize("on_busy", ["interrupt", "enqueue"], ids=["at work", "waiting for the client"])
def test_subtask_begins_anew_when_a_message_interrupts_it(on_busy: str) -> None:
    """The user's turn comes first; the attempt that was cut off is not counted."""
    system, key = working(calls(*reads("a.py")), text("Aside."), text("One."), text("Two."))
    if on_busy == "enqueue":
        system.work(key)
    else:
        scripted_model(system).answers.pop(0)

    system.say(key, "Stop, first this", on_busy=on_busy)
    interrupted = plan_of(system, key).subtasks[0]
    system.work(key)

    assert (interrupted.status, interrupted.attempts, interrupted.turn) == ("pending", 0, None)
    assert statuses(system, key) == ("completed", "done", "done")
    first = plan_of(system, key).subtasks[0]
    assert (first.attempts, first.turn, first.result) == (1, 3, "One.")
    check_session(memory_store(system), key)


def test_subtask_begins_anew_at_once_when_a_switch_interrupts_it() -> None:
    """Nothing else is to be done first."""
    system, key = working(text("One."), text("Two."))

    system.switch(key, "ask", on_busy="interrupt")
    session = system.session(key)
    system.work(key)

    assert (session.turn.number, session.is_turn_owed) == (2, True)
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_subtask_goes_on_with_the_answer_when_it_asked_the_user() -> None:
    """The next message's turn is the subtask's own, by its agent, and its answer is the subtask's result."""
    system, key = working(text("One."), text("Two."))
    asks(system, key)
    waiting = statuses(system, key)
    idle = system.session(key)

    said = system.say(key, "Use Redis.")
    system.work(key)

    assert waiting == ("in_progress", "running", "pending")
    assert (idle.turn.status, idle.turn.number) == (TurnStatus.IDLE, 1)
    assert said.agent is AgentType.CODER
    first = plan_of(system, key).subtasks[0]
    assert (first.turn, first.result, first.attempts) == (said.turn, "One.", 1)
    check_session(memory_store(system), key)


def test_subtask_still_waits_when_a_message_asks_for_another_agent() -> None:
    """A question of the user's own to somebody else is no answer."""
    system, key = working(text("Aside."), text("One."), text("Two."))
    asks(system, key)

    system.say(key, "What is a lock?", agent="ask")
    system.work(key)
    meanwhile = statuses(system, key)
    system.say(key, "Use Redis.")
    system.work(key)

    assert meanwhile == ("in_progress", "running", "pending")
    assert [subtask.result for subtask in plan_of(system, key).subtasks] == ["One.", "Two."]


def test_queued_message_is_no_answer_when_it_was_written_before_the_question() -> None:
    """It has its turn; the answer is what is said after the question."""
    system, key = working(text("Aside."))
    system.say(key, "By the way")
    asks(system, key)

    system.work(key)

    assert statuses(system, key) == ("in_progress", "running", "pending")
    assert plan_of(system, key).subtasks[0].result is None


def test_subtask_begins_anew_when_the_answer_is_interrupted() -> None:
    """The adopted turn is a subtask's turn in everything."""
    system, key = working(text("Aside."), text("One."), text("Two."))
    asks(system, key)
    system.say(key, "Use Redis.")

    system.say(key, "Wait, first this", on_busy="interrupt")
    system.work(key)

    assert [subtask.result for subtask in plan_of(system, key).subtasks] == ["One.", "Two."]


@pytest.mark.parametrize("is_asking", [False, True], ids=["at work", "waiting for an answer"])
def test_plan_fails_as_cancelled_when_the_user_stops_everything(is_asking: bool) -> None:  # a parameter
    """No automatic retry, nothing starts, and the user may retry it."""
    system, key = working(text("One."), text("Two."))
    if is_asking:
        asks(system, key)

    step(system, key, turns.cancel_all)
    stopped = statuses(system, key)
    decide(system, key, "retry")
    system.work(key)

    assert stopped == ("failed", "failed", "pending")
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_plan_stops_before_its_next_subtask_when_the_user_stops_a_turn_of_his_own() -> None:
    """Between two subtasks, too: what is next has failed before it began."""
    system, key = working(text("One."))
    system.say(key, "By the way")
    step(system, key, lambda draft: turns.complete(draft, AgentType.CODER))

    step(system, key, turns.cancel_all)

    assert statuses(system, key) == ("failed", "done", "failed")
    assert not system.session(key).is_turn_owed
    assert [event.fact.subtask_id for event in system.events(key) if isinstance(event.fact, SubtaskStarted)] == ["1"]


def test_plan_stops_when_its_session_is_deactivated() -> None:
    """An inactive session owes nothing."""
    system, key = working()

    system.update(key, is_active=False)

    assert statuses(system, key) == ("failed", "failed", "pending")
    assert not system.session(key).is_turn_owed
