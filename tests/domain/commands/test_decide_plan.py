"""Deciding how a plan goes on."""

import pytest
from pydantic import ValidationError

from domain.commands.decide_plan import DecidePlanCommand
from domain.model.errors import IdempotencyKeyReused, PlanNotFound, PlanState, SessionInactive, SessionNotFound
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import calls, make_key, memory_store, reads, text, unavailable
from tests.support.invariants import check_session
from tests.support.plans import decide, propose, start_plan, statuses
from tests.support.system import ALICE, TRACE, System, memory_system


def failed(*answers: object) -> tuple[System, SessionKey]:
    """A session whose plan stopped at the first of two subtasks."""
    system = memory_system(unavailable(), unavailable(), *answers)
    key = system.create(agent="coder")
    start_plan(system, key, (), (0,))
    system.work(key)
    return system, key


@pytest.mark.parametrize("named", [{}, {"subtask_id": "1"}], ids=["the failed one", "by name"])
def test_retry_starts_the_failed_subtask_at_once_when_nothing_else_is_at_work(named: dict[str, str]) -> None:
    """It has both its attempts again."""
    system, key = failed(unavailable(), text("One."), text("Two."))

    decided = decide(system, key, "retry", **named)
    session = system.session(key)
    system.work(key)

    assert (decided.status, decided.subtasks[0].status, decided.subtasks[0].attempts) == ("in_progress", "running", 1)
    assert (session.is_turn_owed, session.turn.error) == (True, None)
    assert statuses(system, key) == ("completed", "done", "done")
    check_session(memory_store(system), key)


def test_retry_waits_when_the_user_is_being_answered() -> None:
    """One thing at a time."""
    system, key = failed(text("Aside."), text("One."), text("Two."))
    system.say(key, "By the way")

    decided = decide(system, key, "retry")
    system.work(key)

    assert (decided.status, decided.subtasks[0].status) == ("in_progress", "pending")
    assert statuses(system, key) == ("completed", "done", "done")


def test_skip_goes_on_with_the_next_subtask() -> None:
    """What depended on it is told so."""
    system, key = failed(text("Two."))

    decided = decide(system, key, "skip")
    system.work(key)

    assert (decided.status, decided.progress.skipped, decided.progress.percentage) == ("in_progress", 1, 50)
    assert statuses(system, key) == ("completed", "skipped", "done")
    check_session(memory_store(system), key)


def test_skip_of_a_later_subtask_leaves_the_plan_failed() -> None:
    """What stopped it is still there."""
    system, key = failed()

    assert decide(system, key, "skip", subtask_id="2").status == "failed"
    assert statuses(system, key) == ("failed", "failed", "skipped")
    assert not system.session(key).is_turn_owed


def test_cancel_stops_the_subtask_that_waits_for_the_client() -> None:
    """Its calls are closed, and nothing is owed any more."""
    system = memory_system(calls(*reads("a.py")))
    key = system.create(agent="coder")
    start_plan(system, key, (), ())
    system.work(key)

    decided = decide(system, key, "cancel")

    assert decided.status == "cancelled"
    assert system.session(key).turn.status is TurnStatus.IDLE
    assert system.facts(key)[-5:] == [
        "SubtaskFailed",
        "PlanCancelled",
        "ToolCallCancelled",
        "MessageAdded",
        "TurnCancelled",
    ]
    check_session(memory_store(system), key)


@pytest.mark.parametrize("action", ["retry", "skip", "cancel"])
def test_decision_is_refused_when_the_plan_is_over(action: str) -> None:
    """A closed plan stays closed."""
    system, key = failed()
    decide(system, key, "cancel")

    with pytest.raises(PlanState):
        decide(system, key, action)


@pytest.mark.parametrize("action", ["retry", "skip"])
def test_decision_is_refused_when_the_plan_is_a_draft(action: str) -> None:
    """First it is approved."""
    system = memory_system()
    key = system.create()
    propose(system, key)

    with pytest.raises(PlanState):
        decide(system, key, action)


def test_decision_is_refused_when_there_is_no_plan() -> None:
    """Neither is there one when the session is inactive: what is missing is said first."""
    system = memory_system()
    key = system.create()
    system.update(key, is_active=False)

    with pytest.raises(PlanNotFound):
        decide(system, key, "retry")
    with pytest.raises(SessionNotFound):
        decide(system, make_key("another"), "retry")


def test_decision_is_refused_when_the_session_is_inactive() -> None:
    """An inactive session takes no commands, and its plan waits."""
    system, key = failed()
    system.update(key, is_active=False)

    with pytest.raises(SessionInactive):
        decide(system, key, "retry")

    assert statuses(system, key) == ("failed", "failed", "pending")


def test_repeat_answers_as_before_when_the_key_is_the_same() -> None:
    """A plan that has gone on since is told as it was then, and nothing is started twice."""
    system, key = failed(text("One."), text("Two."))
    first = decide(system, key, "retry", idempotency_key="k")
    system.work(key)

    again = decide(system, key, "retry", idempotency_key="k")

    assert again.model_dump() == first.model_dump()
    assert again.is_replayed
    assert statuses(system, key) == ("completed", "done", "done")
    with pytest.raises(IdempotencyKeyReused):
        decide(system, key, "cancel", idempotency_key="k")


@pytest.mark.parametrize(
    "fields",
    [{"action": "approve"}, {"action": "skip", "subtask_id": "0"}, {"action": "cancel", "subtask_id": "1"}],
)
def test_command_is_refused_when_it_does_not_fit(fields: dict[str, str]) -> None:
    """A plan is cancelled as a whole."""
    with pytest.raises(ValidationError):
        DecidePlanCommand.model_validate({"user": ALICE, "session_id": "s1", "trace": TRACE} | fields)
