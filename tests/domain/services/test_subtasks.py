"""A plan follows the turns of its session."""

import pytest

from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.plan import PlanCompleted, SubtaskFailed, SubtaskStarted
from domain.model.events.turn import TurnReason
from domain.model.message import Role
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from domain.services import plans, turns
from tests.support.builders import (
    SessionTestHelper,
    calls,
    completes,
    memory_store,
    reads,
    scripted_model,
    text,
    unavailable,
)
from tests.support.invariants import check_is_over, check_session
from tests.support.plans import CALL, decide, make_plan_arguments, plan_of, propose, start_plan, statuses, step
from tests.support.system import System, memory_system


def working(*answers: object, dependencies: tuple[tuple[int, ...], ...] = ((), (0,))) -> tuple[System, SessionKey]:
    """A session whose first subtask is owed, on a model with these answers."""
    system = memory_system(*answers)
    key = system.create(agent="coder")
    start_plan(system, key, *dependencies)
    return system, key


def facts_of_plan(system: System, key: SessionKey) -> list[str]:
    """The plan's own facts in order."""
    return [event.fact.type_name() for event in system.events(key) if event.fact.category == "plan"]


def test_first_subtask_is_owed_when_a_plan_is_approved() -> None:
    """The turn is like any other, asked for in the commit of the approval."""
    system, key = working()

    session = system.session(key)

    assert (session.turn.number, session.is_turn_owed, session.queued) == (1, True, 0)
    assert statuses(system, key) == ("in_progress", "running", "pending")
    assert system.facts(key)[-4:] == ["PlanApproved", "SubtaskStarted", "MessageAdded", "TurnRequested"]
    assert system.requested_turns(key)[-1].reason is TurnReason.SUBTASK
    message = system.messages(key)[-1]
    assert (message.role, message.agent, message.turn) == (Role.USER, AgentType.CODER, 1)
    assert message.content == "Subtask 1 of the plan “Lock it”: Step 0\n\nDo step 0."
    check_session(memory_store(system), key)


def test_plan_is_completed_when_every_subtask_is() -> None:
    """One worker does them all, each as a turn of its own, in order, however a turn is answered."""
    system, key = working(completes("A lock."), text("A test."), dependencies=((), (0,)))

    system.work(key)

    assert statuses(system, key) == ("completed", "done", "done")
    assert [(subtask.turn, subtask.result) for subtask in plan_of(system, key).subtasks] == [
        (1, "A lock."),
        (2, "A test."),
    ]
    assert "Result of subtask 1, Step 0:\nA lock." in scripted_model(system).requests[-1].messages[-1].content
    assert facts_of_plan(system, key)[2:] == [
        "SubtaskStarted",
        "SubtaskCompleted",
        "SubtaskStarted",
        "SubtaskCompleted",
        "PlanCompleted",
    ]
    assert system.session(key).agent.current_agent is AgentType.ORCHESTRATOR
    check_session(memory_store(system), key)
    check_is_over(memory_store(system), key)


def test_subtask_is_done_by_its_agent_when_another_one_spoke_before() -> None:
    """The plan decides who speaks, and the log says that it did."""
    system = memory_system(text(), text())
    key = system.create(agent="coder")
    start_plan(system, key, (), (), agents=("ask", "coder"))

    system.work(key)

    switches = [event.fact for event in system.events(key) if isinstance(event.fact, AgentSwitched)]
    assert [(switch.to_agent, switch.reason) for switch in switches] == [
        (AgentType.ASK, SwitchReason.PLAN),
        (AgentType.CODER, SwitchReason.PLAN),
        (AgentType.ORCHESTRATOR, SwitchReason.COMPLETED),
    ]


def test_subtask_is_not_done_when_its_agent_calls_a_tool() -> None:
    """It is done when its agent says so, not with the first answer; results go to the turn that asked for them."""
    system, key = working(calls(*reads("a.py")), completes("Read."), text("Tested."))

    system.work(key)
    before = statuses(system, key)
    system.give(key, system.session(key).open_calls[0], result="text")
    system.work(key)

    assert before == ("in_progress", "running", "pending")
    assert statuses(system, key) == ("completed", "done", "done")


def test_subtask_is_tried_again_when_its_turn_failed() -> None:
    """Once, as a turn of its own, and the plan goes on."""
    system, key = working(unavailable(), text("Now."), text())

    system.work(key)

    assert statuses(system, key) == ("completed", "done", "done")
    failures = [event.fact for event in system.events(key) if isinstance(event.fact, SubtaskFailed)]
    assert [(failure.attempt, failure.code, failure.is_final) for failure in failures] == [
        (1, "MODEL_UNAVAILABLE", False)
    ]
    assert plan_of(system, key).subtasks[0].error is None
    check_session(memory_store(system), key)


def test_plan_fails_when_a_subtask_failed_twice() -> None:
    """It stops with the reason, and waits for what the user says."""
    system, key = working(unavailable(), unavailable())

    system.work(key)

    assert statuses(system, key) == ("failed", "failed", "pending")
    assert plan_of(system, key).subtasks[0].error == "MODEL_UNAVAILABLE"
    assert facts_of_plan(system, key)[-3:] == ["SubtaskStarted", "SubtaskFailed", "PlanFailed"]
    assert system.session(key).turn.status is TurnStatus.FAILED
    check_session(memory_store(system), key)


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


def asks(system: System, key: SessionKey) -> None:
    """Let the subtask's turn end with a question, as `ask_followup_question` ends it."""
    step(system, key, lambda draft: turns.complete(draft, AgentType.CODER, is_question=True))


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


def test_plan_is_told_when_a_dead_message_fails_its_turn() -> None:
    """The net under the queue is one more way in which a turn fails."""
    system, key = working(text("One."), text("Two."))

    system.give_up(key, 1)
    failed = statuses(system, key)
    system.work(key)

    assert failed == ("in_progress", "running", "pending")
    assert plan_of(system, key).subtasks[0].turn == 2
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_draft_is_cancelled_when_the_turn_that_proposed_it_is() -> None:
    """The user moved on: nobody is left to decide, and no decision comes too late to anything."""
    system = memory_system(text())
    key = system.create(agent="coder")
    system.say(key)
    propose(system, key)

    system.say(key, "Never mind", on_busy="interrupt")

    assert statuses(system, key) == ("cancelled", "pending")
    assert "PlanCancelled" in system.facts(key)


def test_draft_stays_when_its_planner_asks_the_user_first() -> None:
    """The next plan will replace it."""
    system = memory_system()
    key = system.create(agent="coder")
    system.say(key)
    propose(system, key)

    asks(system, key)

    assert statuses(system, key) == ("draft", "pending")


def test_completion_says_what_was_done_and_skipped() -> None:
    """Progress is in the facts."""
    system, key = working(text("One."))
    decide(system, key, "skip", subtask_id="2")

    system.work(key)

    (completed,) = [event.fact for event in system.events(key) if isinstance(event.fact, PlanCompleted)]
    assert (completed.done, completed.skipped) == (1, 1)


def test_rounds_of_a_session_cost_no_plan_when_there_is_none() -> None:
    """A session without an open plan writes none."""
    system = memory_system(text())
    key = SessionTestHelper.create_session_with_messages(system)

    system.work(key)

    assert all(commit.plan is None for commit in memory_store(system).commits)
    assert system.session(key).plan_id is None


def test_new_plan_replaces_a_failed_one_when_it_is_proposed() -> None:
    """Beside a failed plan another may be made; the old one is told as cancelled."""
    system, key = working(unavailable(), unavailable())
    system.work(key)

    step(system, key, lambda draft: plans.propose(draft, CALL, make_plan_arguments((), ())))

    assert facts_of_plan(system, key)[-2:] == ["PlanCancelled", "PlanCreated"]
    assert statuses(system, key) == ("draft", "pending", "pending")
