"""`SessionRepository` and `ApprovalRepository`: approvals that are written with their session and read beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.model.approval import Approval, ApprovalStatus, approval_id_of
from domain.model.draft import Draft
from domain.model.errors import LostRace, SessionNotFound
from domain.model.events.approval import ApprovalGranted
from domain.model.message import CallStatus, Role
from domain.model.policy import RequestType
from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from domain.services import approvals, turns
from tests.contracts.steps import Steps, calls_of, interrupts
from tests.support.builders import make_key, make_tool_call
from tests.support.system import ALICE, BOB

MEANT = {"path": "meant.py", "deep": [None, {"a": 0.5}], "": "🦉"}
ENDINGS: dict[str, Callable[[Draft, Approval], object]] = {
    "approved": lambda draft, approval: approvals.grant(draft, approval, ALICE),
    "edited": lambda draft, approval: approvals.edit(draft, approval, ALICE, MEANT, "Rather so."),
    "rejected": lambda draft, approval: approvals.reject(draft, approval, ALICE, "No."),
    "expired": approvals.expire,
    "cancelled": lambda draft, _: turns.cancel(draft),
}
OF_CALLS = {"approved": "approved", "edited": "approved"}


def asks_for(count: int = 1) -> Callable[[Draft], object]:
    """Return a decision that opens so many calls, each of which needs a yes."""

    def decide(draft: Draft) -> None:
        gated = tuple(
            make_tool_call(
                draft.call_id(index),
                tool="write_file",
                status=CallStatus.AWAITING_APPROVAL,
                arguments={"path": f"{index}.py"},
                is_gated=True,
            )
            for index in range(count)
        )
        draft.add_message(Role.ASSISTANT, "", tool_calls=gated)
        for call in gated:
            approvals.request(draft, call, request_type=RequestType.TOOL, subject=call.tool, seconds=300, reason="why")
        turns.wait(draft)

    return decide


def asked(steps: Steps, count: int = 1, key: SessionKey | None = None) -> tuple[SessionKey, tuple[CallId, ...]]:
    """Store a session that waits for so many decisions, and return their calls."""
    key = key or steps.create()
    steps.say(key)
    steps.change(steps.sessions.get(key), asks_for(count))
    return key, steps.sessions.get(key).awaiting_approval


def approval(steps: Steps, key: SessionKey, call_id: str) -> Approval:
    """Return an approval as a command reads it."""
    found = steps.sessions.load(key, call_id=CallId(call_id), with_approval=True).approval
    assert found is not None
    return found


def end(steps: Steps, session: Session, asked_for: Approval, ending: str) -> None:
    """End an approval of a session as it was read."""
    steps.clock.advance(1.5)
    steps.change(session, lambda draft: ENDINGS[ending](draft, asked_for))


def test_approval_is_read_as_committed_when_it_was_opened(steps: Steps) -> None:
    """With what the log says was shown; the head says who is waited for."""
    key, (first, second) = asked(steps, 2)
    now = steps.clock.now()

    loaded = steps.sessions.load(key, call_id=second, with_approval=True)

    assert loaded.approval is not None
    assert loaded.approval.model_dump(exclude_none=True) == {
        "call_id": second,
        "request_type": "tool",
        "subject": "write_file",
        "arguments": {"path": "1.py"},
        "reason": "why",
        "status": "pending",
        "created_at": now,
        "expires_at": loaded.approval.expires_at,
    }
    assert (loaded.approval.expires_at - now).total_seconds() == 300
    assert loaded.call is not None
    assert loaded.call.status is CallStatus.AWAITING_APPROVAL
    assert loaded.session == steps.sessions.get(key)
    assert (loaded.session.open_calls, loaded.session.awaiting_approval) == ((first, second), (first, second))


@pytest.mark.parametrize("ending", ENDINGS)
def test_approval_and_call_change_together_when_it_is_decided(steps: Steps, ending: str) -> None:
    """In one commit, and the other one is left alone."""
    key, (first, second) = asked(steps, 2)
    before = approval(steps, key, second)

    end(steps, steps.sessions.get(key), approval(steps, key, first), ending)

    after = approval(steps, key, first)
    assert (after.status, after.decided_at, after.arguments) == (ending, steps.clock.now(), {"path": "0.py"})
    edited = MEANT if ending == "edited" else None
    assert after.modified_arguments == edited
    assert after.feedback == {"rejected": "No.", "edited": "Rather so."}.get(ending)
    shown = calls_of(steps.events(key))[0]
    assert (shown.status, shown.is_edited) == (OF_CALLS.get(ending, ending), edited is not None)
    assert shown.arguments == (edited or {"path": "0.py"})
    if ending != "cancelled":
        assert approval(steps, key, second) == before
        assert steps.sessions.get(key).awaiting_approval == (second,)


def test_model_is_shown_the_edit_when_the_history_is_read(steps: Steps) -> None:
    """Pages and history tell the same."""
    key, (only,) = asked(steps)
    end(steps, steps.sessions.get(key), approval(steps, key, only), "edited")

    assert calls_of(steps.log.recent(key, turn=1)) == calls_of(steps.events(key))
    assert calls_of(steps.events(key))[0].arguments == MEANT


@pytest.mark.parametrize("second", ENDINGS)
@pytest.mark.parametrize("first", ["approved", "rejected", "expired"])
def test_decision_loses_when_the_session_has_changed(steps: Steps, first: str, second: str) -> None:
    """One winner: the head's number protects the approval from whoever read before."""
    key, (only,) = asked(steps)
    stale, asked_for = steps.sessions.get(key), approval(steps, key, only)
    end(steps, stale, asked_for, first)
    before, log = approval(steps, key, only), steps.events(key)

    with pytest.raises(LostRace):
        end(steps, stale, asked_for, second)

    assert approval(steps, key, only) == before
    assert steps.events(key) == log


@pytest.mark.parametrize("first", ENDINGS)
def test_decision_loses_when_the_approval_is_not_pending_though_the_session_is_as_read(
    steps: Steps, first: str
) -> None:
    """The approval's own condition stands behind the head's: what is decided is immutable."""
    key, (only,) = asked(steps)
    asked_for = approval(steps, key, only)
    end(steps, steps.sessions.get(key), asked_for, first)
    before = approval(steps, key, only)

    def decide(draft: Draft) -> None:
        draft.record(_granted(only))
        draft.decide_approval(only, ApprovalStatus.APPROVED)

    with pytest.raises(LostRace):
        steps.change(steps.sessions.get(key), decide)

    assert approval(steps, key, only) == before


@pytest.mark.parametrize("first", ENDINGS)
def test_grant_loses_when_the_call_does_not_await_it(steps: Steps, first: str) -> None:
    """A call that was granted, or has ended, is not granted again."""
    key, (only,) = asked(steps)
    end(steps, steps.sessions.get(key), approval(steps, key, only), first)
    shown = calls_of(steps.events(key))

    def grant(draft: Draft) -> None:
        draft.record(_granted(only))
        draft.grant_call(only, {"path": "other.py"})

    with pytest.raises(LostRace):
        steps.change(steps.sessions.get(key), grant)

    assert calls_of(steps.events(key)) == shown


@pytest.mark.parametrize("call_id", ["1-0", "9-99", "none", "0-0", "\u0669-0"])
def test_approval_is_none_when_there_is_no_such_one(steps: Steps, call_id: str) -> None:
    """Nor is it there for a call that needs none."""
    key, _ = asked(steps)
    plain, (call, _) = steps.create_waiting(session_id="s2")

    assert steps.sessions.load(key, call_id=CallId(call_id), with_approval=True).approval is None
    assert steps.sessions.load(plain, call_id=call, with_approval=True).approval is None


def test_approval_is_not_read_when_it_was_not_asked_for(steps: Steps) -> None:
    """A result needs the call alone."""
    key, (only,) = asked(steps)

    assert steps.sessions.load(key, call_id=only).approval is None


def test_newest_are_oldest_first_and_no_more_than_asked_for(steps: Steps) -> None:
    """By the question's number, not by its text: 9 comes before 10."""
    key = steps.create()
    every: list[CallId] = []
    for _ in range(4):
        steps.change(steps.sessions.get(key), interrupts)
        steps.change(steps.sessions.get(key), asks_for(3))
        every += steps.sessions.get(key).awaiting_approval

    assert len({call_id.partition("-")[0] for call_id in every}) == 4
    assert [found.call_id for found in steps.approvals.newest(key, limit=40)] == every
    assert [found.call_id for found in steps.approvals.newest(key, limit=5)] == every[-5:]
    assert [found.status for found in steps.approvals.newest(key, limit=6)] == ["cancelled"] * 3 + ["pending"] * 3


@pytest.mark.parametrize("ending", ENDINGS)
def test_newest_are_as_a_command_reads_them_when_they_were_decided(steps: Steps, ending: str) -> None:
    """One and the same, however it is read."""
    key, (first, second) = asked(steps, 2)
    end(steps, steps.sessions.get(key), approval(steps, key, first), ending)

    assert tuple(steps.approvals.newest(key, limit=10)) == (approval(steps, key, first), approval(steps, key, second))


def test_newest_are_none_when_nobody_was_asked(steps: Steps) -> None:
    """The session is there all the same; its neighbours' approvals are theirs."""
    silent = steps.create("s2")
    asked(steps)

    assert tuple(steps.approvals.newest(silent, limit=10)) == ()


@pytest.mark.parametrize("other", [make_key("missing"), make_key("s1", BOB)])
def test_newest_are_refused_when_the_session_is_not_this_owners(steps: Steps, other: SessionKey) -> None:
    """A session of somebody else does not exist."""
    asked(steps)

    with pytest.raises(SessionNotFound):
        steps.approvals.newest(other, limit=10)
    with pytest.raises(SessionNotFound):
        steps.sessions.load(other, call_id=CallId("9-0"), with_approval=True)


def _granted(call_id: CallId) -> Any:
    return ApprovalGranted(
        approval_id=approval_id_of(call_id), call_id=call_id, arguments_sha256="0" * 64, decided_by=ALICE
    )
