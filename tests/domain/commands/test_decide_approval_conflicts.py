"""Decisions that are refused: not mine, not there, not any more; and those that come twice."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.model.change import Commit
from domain.model.errors import (
    ApprovalAlreadyDecided,
    ApprovalExpired,
    ApprovalNotFound,
    IdempotencyKeyReused,
    Refusal,
    SessionInactive,
    SessionNotFound,
)
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from tests.support.builders import calls, fake_clock, make_key, memory_store, wants
from tests.support.deciding import approvals_of, decide_approval
from tests.support.system import BOB, System, memory_system

MEANT = {"path": "b.py"}
DECISIONS = [("approve", {}), ("edit", {"modified_arguments": MEANT}), ("reject", {})]
ENDINGS: dict[str, Callable[[System, SessionKey], object]] = {
    "message": lambda system, key: system.say(key, "never mind"),
    "interrupt": lambda system, key: system.say(key, "stop", on_busy="interrupt"),
    "switch": lambda system, key: system.switch(key, "ask", on_busy="interrupt"),
    "cancel": lambda system, key: system.cancel(key),
}


def asked() -> tuple[System, SessionKey, str]:
    """Return a system whose session asks whether `a.py` may be deleted, and the approval."""
    system = memory_system(calls(wants("delete_file", path="a.py")))
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)
    return system, key, f"a-{system.session(key).open_calls[0]}"


@pytest.mark.parametrize(("second", "fields"), DECISIONS)
@pytest.mark.parametrize(("first", "given"), DECISIONS)
def test_decision_is_refused_when_there_was_one(
    first: str, given: dict[str, Any], second: str, fields: dict[str, Any]
) -> None:
    """A decision has one winner, and the same one again is no other."""
    system, key, approval_id = asked()
    decided = decide_approval(system, key, approval_id, first, **given)
    before = system.facts(key)

    with pytest.raises(ApprovalAlreadyDecided):
        decide_approval(system, key, approval_id, second, **fields)

    assert system.facts(key) == before
    assert approvals_of(system, key) == (decided,)


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_decision_is_refused_when_the_user_has_moved_on(end: Callable[[System, SessionKey], object]) -> None:
    """Whatever closed the call has cancelled its approval, also when its time is over by now."""
    system, key, approval_id = asked()
    end(system, key)

    for _ in range(2):
        with pytest.raises(ApprovalAlreadyDecided):
            decide_approval(system, key, approval_id)
        fake_clock(system).advance(301)

    assert approvals_of(system, key)[0].status == "cancelled"
    assert system.facts(key).count("ApprovalCancelled") == 1
    assert "ApprovalExpired" not in system.facts(key)
    assert system.session(key).awaiting_approval == ()


def test_decision_is_refused_when_the_session_is_inactive() -> None:
    """Deactivation cancels what was asked; an inactive session takes no commands, and stays what it is."""
    system, key, approval_id = asked()
    system.update(key, is_active=False)

    with pytest.raises(SessionInactive):
        decide_approval(system, key, approval_id)

    system.update(key, is_active=True)
    with pytest.raises(ApprovalAlreadyDecided):
        decide_approval(system, key, approval_id)
    assert system.session(key).turn.status is TurnStatus.IDLE


def test_queued_message_closes_nothing_when_the_approval_is_decided_first() -> None:
    """What comes after the decision, while the turn runs again, waits for its own turn."""
    system, key, approval_id = asked()
    decide_approval(system, key, approval_id, "reject")

    system.say(key, "and then?")

    assert approvals_of(system, key)[0].status == "rejected"
    assert system.session(key).queued == 1


@pytest.mark.parametrize(
    "approval_id",
    ["a-1-0", "a-9-16", "9-0", "a-", "a", "none", "a-none", "A-9-0", "a-9-0#", "a-\u0669-\u0660", "x" * 64],
)
def test_decision_is_refused_when_there_is_no_such_approval(approval_id: str) -> None:
    """Nothing but the ids of this session's approvals is known."""
    system, key, _ = asked()

    with pytest.raises(ApprovalNotFound):
        decide_approval(system, key, approval_id)


def test_decision_is_refused_when_the_call_needs_no_approval() -> None:
    """A call that anybody may run has no approval."""
    system = memory_system(calls(wants("read_file", path="a.py")))
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)

    with pytest.raises(ApprovalNotFound):
        decide_approval(system, key, f"a-{system.session(key).open_calls[0]}")


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        (make_key("s2"), ApprovalNotFound),
        (make_key("missing"), SessionNotFound),
        (make_key("s1", BOB), SessionNotFound),
    ],
)
def test_decision_is_refused_when_the_approval_is_not_mine(other: SessionKey, refusal: type[Refusal]) -> None:
    """What belongs to another session, or another user, does not exist."""
    system, _, approval_id = asked()
    system.create("s2")

    with pytest.raises(refusal):
        decide_approval(system, other, approval_id)


def test_missing_approval_is_said_first_when_the_session_is_inactive_too() -> None:
    """404 comes before 409."""
    system, key, _ = asked()
    system.update(key, is_active=False)

    with pytest.raises(ApprovalNotFound):
        decide_approval(system, key, "a-1-0")


@pytest.mark.parametrize(("decision", "fields"), DECISIONS)
def test_repeat_answers_as_before_when_the_key_is_the_same(decision: str, fields: dict[str, Any]) -> None:
    """The answer was lost, not the decision; time that has passed since changes nothing."""
    system, key, approval_id = asked()
    first = decide_approval(system, key, approval_id, decision, idempotency_key="k", **fields)
    before = system.facts(key)
    fake_clock(system).advance(301)
    system.update(key, title="Another")

    again = decide_approval(system, key, approval_id, decision, idempotency_key="k", **fields)

    assert again.model_dump() == first.model_dump()
    assert again.is_replayed
    assert system.facts(key) == [*before, "SessionUpdated"]


@pytest.mark.parametrize("fields", [{"decision": "reject"}, {"approval_id": "a-1-0"}])
def test_key_is_refused_when_it_came_with_another_decision(fields: dict[str, str]) -> None:
    """A key names one request, and that is said before anything else."""
    system, key, approval_id = asked()
    decide_approval(system, key, approval_id, idempotency_key="k")

    with pytest.raises(IdempotencyKeyReused):
        decide_approval(system, key, idempotency_key="k", **{"approval_id": approval_id} | fields)


def test_key_is_told_the_same_when_its_decision_came_too_late() -> None:
    """The expiry is written with it, once."""
    system, key, approval_id = asked()
    fake_clock(system).advance(300)

    for _ in range(2):
        with pytest.raises(ApprovalExpired):
            decide_approval(system, key, approval_id, idempotency_key="k")

    assert system.facts(key).count("ApprovalExpired") == 1


@pytest.mark.parametrize("faster", [*ENDINGS, "approve", "reject"])
def test_one_wins_when_a_decision_races_with_something(faster: str) -> None:
    """The loser is judged by what it finds then."""
    system, key, approval_id = asked()
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        if faster in ENDINGS:
            ENDINGS[faster](system, key)
        else:
            decide_approval(system, key, approval_id, faster)

    store.before_commit = overtake

    with pytest.raises(ApprovalAlreadyDecided):
        decide_approval(system, key, approval_id, "edit", modified_arguments=MEANT)

    assert "ApprovalEdited" not in system.facts(key)


def test_decision_is_tried_again_when_something_else_was_faster() -> None:
    """A title that changed meanwhile decides nothing."""
    system, key, approval_id = asked()
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        system.update(key, title="Another")

    store.before_commit = overtake

    assert decide_approval(system, key, approval_id).status == "approved"
    assert system.facts(key)[-3:] == ["SessionUpdated", "ApprovalGranted", "TurnWaiting"]
