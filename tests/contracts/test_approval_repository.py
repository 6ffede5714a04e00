"""`ApprovalRepository`: what people were and are asked, with what they are shown."""

import pytest

from domain.model.approval import Approval, ApprovalStatus, approval_id_of
from domain.model.draft import Draft
from domain.model.errors import LostRace, SessionNotFound
from domain.model.message import CallStatus, Role
from domain.model.policy import RequestType
from domain.model.value import SessionKey
from domain.services import approvals, turns
from tests.contracts.steps import Steps, interrupts
from tests.support.builders import make_key, make_tool_call
from tests.support.system import ALICE, BOB


def asks_for_leave(draft: Draft) -> None:
    """Open two calls that need a yes, the second with a reason."""
    calls = tuple(
        make_tool_call(
            draft.call_id(place),
            tool="execute_command",
            arguments={"command": command},
            status=CallStatus.AWAITING_APPROVAL,
            is_gated=True,
        )
        for place, command in enumerate(("make", "ls"))
    )
    draft.add_message(Role.ASSISTANT, "", tool_calls=calls)
    for call, reason in zip(calls, (None, "Looks around."), strict=True):
        approvals.request(draft, call, request_type=RequestType.TOOL, subject=call.tool, seconds=300, reason=reason)
    turns.wait(draft)


def create_asked(steps: Steps) -> tuple[SessionKey, tuple[Approval, ...]]:
    """Store a session that waits for two decisions, and return the approvals as they are read."""
    key = steps.create_owing()
    steps.change(steps.sessions.get(key), asks_for_leave)
    return key, tuple(steps.approvals.newest(key, limit=10))


def test_approvals_are_read_as_asked_when_a_session_waits_for_them(steps: Steps) -> None:
    """Oldest first, with the arguments that the log shows."""
    key, found = create_asked(steps)

    assert tuple(approval.call_id for approval in found) == steps.sessions.get(key).awaiting_approval
    assert [approval.arguments for approval in found] == [{"command": "make"}, {"command": "ls"}]
    assert [approval.reason for approval in found] == [None, "Looks around."]
    assert {approval.status for approval in found} == {ApprovalStatus.PENDING}
    assert {(approval.expires_at - approval.created_at).total_seconds() for approval in found} == {300}


def test_approval_is_read_with_its_end_when_it_was_decided(steps: Steps) -> None:
    """Each decision with its words, its time, and what is run instead; the call follows."""
    key, (first, second) = create_asked(steps)
    steps.clock.advance(5)

    steps.change(steps.sessions.get(key), lambda draft: approvals.edit(draft, first, ALICE, {"command": "true"}))
    steps.change(steps.sessions.get(key), lambda draft: approvals.reject(draft, second, ALICE, "No."))

    edited, rejected = steps.approvals.newest(key, limit=10)
    assert (edited.status, edited.modified_arguments) == (ApprovalStatus.EDITED, {"command": "true"})
    assert edited.arguments == first.arguments
    assert (rejected.status, rejected.feedback) == (ApprovalStatus.REJECTED, "No.")
    assert {edited.decided_at, rejected.decided_at} == {steps.clock.now()}


def test_decision_is_refused_when_the_approval_is_not_pending_any_more(steps: Steps) -> None:
    """Even where the session itself is as it was read: the approval's own condition holds."""
    key, (first, _) = create_asked(steps)
    steps.change(steps.sessions.get(key), lambda draft: approvals.grant(draft, first, ALICE))

    with pytest.raises(LostRace):
        steps.change(steps.sessions.get(key), lambda draft: approvals.grant(draft, first, ALICE))


def test_approvals_are_cancelled_when_their_turn_is(steps: Steps) -> None:
    """Whoever moves on need not decide any more."""
    key, _ = create_asked(steps)

    steps.change(steps.sessions.get(key), interrupts)

    assert {approval.status for approval in steps.approvals.newest(key, limit=10)} == {ApprovalStatus.CANCELLED}


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_newest_are_read_when_there_are_more_than_asked_for(steps: Steps, limit: int) -> None:
    """Still oldest first."""
    key, found = create_asked(steps)

    assert tuple(steps.approvals.newest(key, limit=limit)) == found[-limit:]


def test_nothing_is_read_when_nobody_was_asked(steps: Steps) -> None:
    """A session without approvals is no missing session."""
    assert tuple(steps.approvals.newest(steps.create(), limit=10)) == ()


@pytest.mark.parametrize("key", [make_key("s2"), make_key("s1", BOB)], ids=["another id", "another user"])
def test_session_is_not_found_when_it_is_no_session_of_this_owner(steps: Steps, key: SessionKey) -> None:
    """Approvals of others do not exist."""
    create_asked(steps)

    with pytest.raises(SessionNotFound):
        steps.approvals.newest(key, limit=10)


def test_approval_is_loaded_beside_its_call_when_a_command_asks_for_it(steps: Steps) -> None:
    """As the list shows it; without being asked for, or for an unknown call, there is none."""
    key, (first, _) = create_asked(steps)

    loaded = steps.sessions.load(key, call_id=first.call_id, with_approval=True)

    assert loaded.approval == first
    assert first.id == approval_id_of(first.call_id)
    assert steps.sessions.load(key, call_id=first.call_id).approval is None
