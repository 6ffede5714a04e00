"""Deciding plans: the same approvals, with what follows for the plan."""

from typing import Any

import pytest

from domain.model.errors import ApprovalAlreadyDecided, ApprovalExpired, InvalidInput, PlanState
from domain.model.message import CallStatus
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import calls, fake_clock, memory_store, scripted_model, text, wants
from tests.support.deciding import approvals_of, decide_approval, deliver_expiry
from tests.support.invariants import check_session
from tests.support.plans import decide, make_plan_arguments, plan_of, statuses
from tests.support.system import System, memory_system

PLANNED = make_plan_arguments((), (0,), agents=("coder", "ask"))
APPROVE_PLANS = '[{"request_type": "plan", "subject": "*", "action": "approve"}]'
REJECT_PLANS = '[{"request_type": "plan", "subject": "Lock*", "action": "reject", "reason": "No locks here."}]'


def proposed(*answers: Any, **settings: Any) -> tuple[System, SessionKey, str]:
    """Return a system whose architect has proposed a plan of two subtasks, and the approval of it."""
    system = memory_system(calls(wants("create_plan", **PLANNED)), *answers, **settings)
    key = system.create(agent="architect")
    system.say(key, "Build a lock.")
    system.work(key)
    open_calls = system.session(key).open_calls
    return system, key, f"a-{open_calls[0]}" if open_calls else ""


def test_person_is_shown_the_whole_plan_when_one_is_proposed() -> None:
    """It is a draft until then, and the session waits for a person."""
    system, key, approval_id = proposed()

    (approval,) = approvals_of(system, key)

    assert (approval.id, approval.request_type, approval.subject) == (approval_id, "plan", "Lock it")
    assert approval.arguments["subtasks"] == PLANNED["subtasks"]
    assert statuses(system, key) == ("draft", "pending", "pending")
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_APPROVAL


def test_first_subtask_is_owed_when_the_plan_was_approved() -> None:
    """In the same commit, so that a client never sees an approved plan that nobody works on."""
    system, key, approval_id = proposed(text("One."), text("Two."))
    commits = len(memory_store(system).commits)

    decided = decide_approval(system, key, approval_id)
    session, asked = system.session(key), system.messages(key)[-1]
    started = statuses(system, key)

    assert len(memory_store(system).commits) == commits + 1
    assert decided.status == "approved"
    assert started == ("in_progress", "running", "pending")
    assert (session.is_turn_owed, session.turn.number, asked.turn, asked.agent) == (True, 2, 2, "coder")
    assert system.facts(key)[-1] == "TurnRequested"
    assert {"ApprovalGranted", "PlanApproved", "TurnCompleted", "SubtaskStarted"} <= set(system.facts(key))
    system.work(key)
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_architect_plans_again_when_the_person_wants_it_changed() -> None:
    """The feedback is what it reads; its next plan takes the place of the draft, and is asked for anew."""
    other = make_plan_arguments((), agents=("debug",))
    system, key, approval_id = proposed(calls(wants("create_plan", **other)))

    decided = decide_approval(system, key, approval_id, "edit", feedback="One step is enough.")
    draft = statuses(system, key)
    system.work(key)

    assert (decided.status, decided.feedback, decided.modified_arguments) == ("edited", "One step is enough.", None)
    assert draft == ("draft", "pending", "pending")
    assert "PlanRevisionRequested" in system.facts(key)
    result = scripted_model(system).requests[-1].messages[-1]
    assert (result.outcome, "One step is enough." in result.content) == (CallStatus.REJECTED, True)
    assert statuses(system, key) == ("draft", "pending")
    first, second = approvals_of(system, key)
    assert (first.status, second.status) == ("edited", "pending")
    with pytest.raises(ApprovalAlreadyDecided):
        decide_approval(system, key, approval_id)
    assert decide_approval(system, key, second.id).status == "approved"
    assert plan_of(system, key).subtasks[0].agent == "debug"
    check_session(memory_store(system), key)


@pytest.mark.parametrize(
    "fields", [{"modified_arguments": PLANNED}, {"modified_arguments": PLANNED, "feedback": "So."}]
)
def test_edit_is_refused_when_it_is_anything_but_feedback(fields: dict[str, Any]) -> None:
    """A plan is the architect's to write."""
    system, key, approval_id = proposed()

    with pytest.raises(InvalidInput) as refused:
        decide_approval(system, key, approval_id, "edit", **fields)

    assert [error.field for error in refused.value.errors] == ["feedback"]
    assert statuses(system, key)[0] == "draft"


@pytest.mark.parametrize("feedback", [None, "Leave it."])
def test_plan_is_cancelled_when_the_person_rejects_it(feedback: str | None) -> None:
    """The turn ends, the orchestrator speaks next, and nothing is owed."""
    system, key, approval_id = proposed()

    decided = decide_approval(system, key, approval_id, "reject", feedback=feedback)

    session = system.session(key)
    assert (decided.status, decided.feedback) == ("rejected", feedback)
    assert statuses(system, key)[0] == "cancelled"
    assert (session.turn.status, session.agent.current_agent) == (TurnStatus.IDLE, "orchestrator")
    assert {"ApprovalRejected", "PlanRejected", "AgentSwitched", "TurnCompleted"} <= set(system.facts(key))
    assert system.messages(key)[-1].outcome is CallStatus.REJECTED
    check_session(memory_store(system), key)


@pytest.mark.parametrize("is_decided", [False, True], ids=["by the queue", "by a late decision"])
def test_architects_turn_goes_on_when_nobody_decides_in_time(*, is_decided: bool) -> None:
    """It reads that nobody approved; the draft is over when its turn ends without another."""
    system, key, approval_id = proposed(text("Ask me again when you like."))
    fake_clock(system).advance(300)

    if is_decided:
        with pytest.raises(ApprovalExpired):
            decide_approval(system, key, approval_id)
    else:
        deliver_expiry(system, key, approval_id)
    session = system.session(key)
    system.work(key)

    assert (session.is_turn_owed, session.agent.current_agent) == (True, "architect")
    assert approvals_of(system, key)[0].status == "expired"
    assert system.messages(key)[-1].content == "Ask me again when you like."
    assert statuses(system, key)[0] == "cancelled"
    assert not system.session(key).is_turn_owed
    check_session(memory_store(system), key)


def test_approval_is_cancelled_when_the_plan_is() -> None:
    """Nobody is asked about what has been given up, and what was rejected is not cancelled again."""
    system, key, approval_id = proposed()

    decide(system, key, "cancel")

    assert approvals_of(system, key)[0].status == "cancelled"
    with pytest.raises(ApprovalAlreadyDecided):
        decide_approval(system, key, approval_id)
    with pytest.raises(PlanState):
        decide(system, key, "cancel")


def test_nobody_is_asked_when_policy_approves_plans() -> None:
    """The first subtask is owed with the answer itself."""
    system, key, approval_id = proposed(text("One."), text("Two."), policies=APPROVE_PLANS)

    assert approval_id == ""
    assert approvals_of(system, key) == ()
    assert "ApprovalRequested" not in system.facts(key)
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_plan_is_refused_when_policy_rejects_it() -> None:
    """The model reads the reason as the call's result, and there is no plan."""
    system, key, approval_id = proposed(text("Without a plan then."), policies=REJECT_PLANS)

    assert approval_id == ""
    assert system.session(key).plan_id is None
    assert "No locks here." in scripted_model(system).requests[-1].messages[-1].content
    assert "ToolCallRefused" in system.facts(key)
    assert "PlanCreated" not in system.facts(key)
