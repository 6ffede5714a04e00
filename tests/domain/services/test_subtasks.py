"""A plan follows the turns of its session."""

from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.plan import PlanCompleted, SubtaskFailed
from domain.model.events.turn import TurnReason
from domain.model.message import Role
from domain.model.session import TurnStatus
from domain.services import plans
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
from tests.support.plans import (
    CALL,
    asks,
    decide,
    facts_of_plan,
    make_plan_arguments,
    plan_of,
    propose,
    start_plan,
    statuses,
    step,
    working,
)
from tests.support.system import memory_system


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
