"""What a model and a user do to a plan."""

from collections.abc import Callable

import pytest

from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.errors import PlanState
from domain.model.events.plan import SubtaskFailed
from domain.model.plan import CANCELLED, Plan
from domain.model.session import Turn, TurnStatus
from domain.model.value import CallId
from domain.services import plans, turns
from tests.support.builders import make_session, make_trace
from tests.support.fakes import START
from tests.support.plans import CALL, make_plan, make_plan_arguments


def make_draft(plan: Plan | None = None, **fields: object) -> Draft:
    """A commit in the making on a session with `plan`."""
    head = {"plan_id": plan.id, "is_plan_open": plan.is_open} if plan else {}
    return Draft(make_session(**head | fields), START, make_trace(), plan=plan)


def told(draft: Draft) -> list[str]:
    """The facts recorded so far."""
    return [event.fact.type_name() for event in draft.commit().events]


WAITING = Turn(number=1, status=TurnStatus.WAITING_FOR_APPROVAL)


def test_proposal_becomes_a_draft_with_ids_of_its_own() -> None:
    """Subtasks are named 1, 2, 3 and depend by these names; the plan is named after its call."""
    draft = make_draft()

    plan = plans.propose(draft, CALL, make_plan_arguments((), (0,), (0, 1), agents=("ask", "coder")))

    assert plan.id == "p-9-0"
    assert [subtask.id for subtask in plan.subtasks] == ["1", "2", "3"]
    assert [subtask.dependencies for subtask in plan.subtasks] == [(), ("1",), ("1", "2")]
    assert [subtask.agent for subtask in plan.subtasks] == [AgentType.ASK, AgentType.CODER, AgentType.ASK]
    assert told(draft) == ["PlanCreated"]
    assert draft.commit().plan == plan
    assert (draft.session.plan_id, draft.session.is_plan_open) == ("p-9-0", True)
    assert draft.commit().events[0].fact.model_dump() == {
        "plan_id": "p-9-0",
        "call_id": "9-0",
        "subtasks": 3,
        "estimated_time_minutes": 15,
    }


@pytest.mark.parametrize("plan", [make_plan(), make_plan().approved(START).started(1, START)], ids=["draft", "at work"])
def test_refusal_says_why_when_a_plan_is_in_progress(plan: Plan) -> None:
    """A draft is replaced, a plan at work is not."""
    draft = make_draft(plan)

    reason = plans.refusal(draft)

    assert (reason is not None) is plan.is_going_on
    if reason:
        with pytest.raises(PlanState, match="in progress already"):
            plans.propose(draft, CallId("20-0"), make_plan_arguments(()))
        assert told(draft) == []
    else:
        assert plans.propose(draft, CallId("20-0"), make_plan_arguments(())).id == "p-20-0"
        assert told(draft) == ["PlanCreated"]


def test_approved_plan_waits_when_its_planner_still_has_the_turn() -> None:
    """The first subtask starts with the commit that ends the turn."""
    draft = make_draft(make_plan(), turn=WAITING, last_turn=1)

    approved = plans.approve(draft)
    turns.complete(draft, AgentType.ARCHITECT)

    assert approved.status == "approved"
    assert told(draft) == ["PlanApproved", "TurnCompleted", "SubtaskStarted", "MessageAdded", "TurnRequested"]
    assert (draft.session.turn.number, draft.session.last_turn) == (2, 2)
    assert [event.turn for event in draft.commit().events] == [1, 1, 2, 2, 2]


def test_approved_plan_waits_when_messages_are_queued() -> None:
    """The user is heard first."""
    draft = make_draft(make_plan(), turn=WAITING, last_turn=2)

    plans.approve(draft)
    turns.complete(draft, AgentType.ARCHITECT)

    assert told(draft) == ["PlanApproved", "TurnCompleted"]
    assert draft.session.turn == Turn(number=2, status=TurnStatus.RUNNING)


def test_rejected_plan_is_cancelled_and_the_orchestrator_speaks() -> None:
    """The next message is routed afresh; the end of the turn finds no draft to cancel."""
    session = make_session()
    agent = session.agent.switched(AgentType.CODER, START)
    draft = make_draft(make_plan(), turn=WAITING, last_turn=1, agent=agent)

    plan = plans.reject(draft)
    turns.complete(draft, AgentType.ARCHITECT)

    assert plan.status == "cancelled"
    assert told(draft) == ["PlanRejected", "AgentSwitched", "TurnCompleted"]
    assert draft.session.agent.current_agent is AgentType.ORCHESTRATOR
    assert not draft.session.is_plan_open


def test_revised_plan_stays_a_draft_until_the_next_replaces_it() -> None:
    """Its turn goes on with the planner."""
    draft = make_draft(make_plan(), turn=WAITING, last_turn=1)

    plans.revise(draft)
    plans.propose(draft, CallId("20-0"), make_plan_arguments((), ()))

    assert told(draft) == ["PlanRevisionRequested", "PlanCreated"]
    assert draft.session.plan_id == "p-20-0"


def test_revised_plan_is_cancelled_when_its_planner_ends_without_another() -> None:
    """Nobody is left who could decide on it."""
    draft = make_draft(make_plan(), turn=WAITING, last_turn=1)

    plans.revise(draft)
    turns.complete(draft, AgentType.ARCHITECT)

    assert told(draft) == ["PlanRevisionRequested", "TurnCompleted", "PlanCancelled"]


@pytest.mark.parametrize("decide", [plans.approve, plans.reject, plans.revise])
@pytest.mark.parametrize("plan", [None, make_plan().approved(START)], ids=["none", "decided"])
def test_decision_is_refused_when_there_is_no_draft(decide: Callable[[Draft], Plan], plan: Plan | None) -> None:
    """Decided is decided."""
    with pytest.raises(PlanState):
        decide(make_draft(plan))


def test_cancellation_of_a_draft_ends_the_turn_that_waits_for_its_approval() -> None:
    """The call that asked is closed with it; the draft is told as cancelled once."""
    draft = make_draft(make_plan(), turn=WAITING, last_turn=1, open_calls=(CALL,))

    plans.cancel(draft)

    assert told(draft) == ["PlanCancelled", "ToolCallCancelled", "MessageAdded", "TurnCancelled"]
    assert draft.session.turn.status is TurnStatus.IDLE


def test_cancellation_leaves_a_turn_alone_that_is_none_of_the_plans() -> None:
    """The user's own question is answered all the same."""
    plan = make_plan((), ()).approved(START).started(1, START).finished("Done.", START)
    draft = make_draft(plan, turn=Turn(number=2, status=TurnStatus.RUNNING), last_turn=2)

    plans.cancel(draft)

    assert told(draft) == ["PlanCancelled"]
    assert draft.session.is_turn_owed


def test_cancellation_gives_the_turn_to_the_queue_when_a_subtask_was_at_work() -> None:
    """Its worker is shut out, and a message that waited is next."""
    plan = make_plan().approved(START).started(1, START)
    draft = make_draft(plan, turn=Turn(number=1, status=TurnStatus.RUNNING), last_turn=2)

    plans.cancel(draft)

    assert told(draft) == ["SubtaskFailed", "PlanCancelled", "TurnCancelled", "TurnRequested"]
    assert draft.commit().events[0].fact == SubtaskFailed(
        plan_id=plan.id, subtask_id="1", attempt=1, code=CANCELLED, is_final=True
    )
    assert draft.session.turn.number == 2
    assert draft.commit().breaks_lock


def test_skipping_the_last_subtask_lets_the_next_message_be_routed() -> None:
    """The plan is over, so its agent is, too."""
    failed = make_plan().approved(START).started(1, START).stopped("TURN_FAILED", START, is_final=True)
    agent = make_session().agent.switched(AgentType.CODER, START)
    draft = make_draft(failed, agent=agent)

    plan = plans.skip(draft)

    assert plan.status == "completed"
    assert told(draft) == ["SubtaskSkipped", "PlanCompleted", "AgentSwitched"]


def test_plan_stays_failed_when_another_subtask_than_the_failed_one_is_skipped() -> None:
    """It goes on only when nothing stops it any more."""
    failed = make_plan((), ()).approved(START).started(1, START).stopped("TURN_FAILED", START, is_final=True)
    draft = make_draft(failed)

    beside, itself = plans.skip(draft, "2"), plans.skip(draft, "1")

    assert (beside.status, itself.status) == ("failed", "completed")


def test_task_tells_what_was_skipped_when_it_depended_on_that() -> None:
    """The agent must not wait for a result that never comes."""
    plan = make_plan((), ("1",)).approved(START).skipped("1", START)
    draft = make_draft(plan)

    turns.go_on(draft)

    (message,) = [event.message for event in draft.commit().events if event.message]
    assert message.content.endswith("Result of subtask 1, Step 1:\nIt was skipped.")
