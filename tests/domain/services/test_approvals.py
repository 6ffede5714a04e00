"""The life of an approval: pure rules on a draft."""

from collections.abc import Callable

import pytest

from domain.model.approval import Approval, ApprovalStatus, arguments_hash
from domain.model.draft import Draft
from domain.model.events.approval import ApprovalRequested
from domain.model.message import CallStatus
from domain.model.policy import RequestType
from domain.model.session import TurnStatus
from domain.services import approvals
from tests.support.builders import make_draft, make_running, make_tool_call, make_waiting
from tests.support.entities import make_approval
from tests.support.system import ALICE

MEANT = {"command": "make check"}


def awaiting(*others: str) -> Draft:
    """Return a draft of a session that waits for the approval of `9-0`, with other calls open."""
    session = make_waiting("9-0", *others, status=TurnStatus.WAITING_FOR_APPROVAL)
    return make_draft(session.model_copy(update={"awaiting_approval": ("9-0",)}))


def kinds(draft: Draft) -> list[str]:
    """Return the types of the draft's facts."""
    return [event.fact.type_name() for event in draft.commit().events]


def test_request_opens_the_call_with_its_question() -> None:
    """The fact says until when, and what is shown by its hash alone."""
    draft = make_draft(make_running())
    call = make_tool_call(status=CallStatus.AWAITING_APPROVAL)

    approvals.request(draft, call, request_type=RequestType.TOOL, subject="read_file", seconds=60, reason="Because.")

    commit = draft.commit()
    (approval,) = commit.requested
    (fact,) = [event.fact for event in commit.events]
    assert isinstance(fact, ApprovalRequested)
    assert (approval.reason, approval.status, approval.arguments) == ("Because.", "pending", call.arguments)
    assert (approval.expires_at - approval.created_at).total_seconds() == 60
    assert (fact.arguments_sha256, fact.expires_at) == (arguments_hash(call.arguments), approval.expires_at)
    assert (commit.opened[0].status, draft.session.awaiting_approval) == (CallStatus.AWAITING_APPROVAL, ("9-0",))


ENDINGS: list[tuple[Callable[[Draft, Approval], None], str, ApprovalStatus, list[str]]] = [
    (lambda d, a: approvals.grant(d, a, ALICE), "ApprovalGranted", ApprovalStatus.APPROVED, ["TurnWaiting"]),
    (lambda d, a: approvals.edit(d, a, ALICE, MEANT), "ApprovalEdited", ApprovalStatus.EDITED, ["TurnWaiting"]),
    (
        lambda d, a: approvals.reject(d, a, ALICE, None),
        "ApprovalRejected",
        ApprovalStatus.REJECTED,
        ["MessageAdded", "TurnRequested"],
    ),
    (approvals.expire, "ApprovalExpired", ApprovalStatus.EXPIRED, ["MessageAdded", "TurnRequested"]),
]


@pytest.mark.parametrize(("end", "fact", "status", "follows"), ENDINGS)
def test_ending_is_told_and_the_turn_goes_where_it_must(
    end: Callable[[Draft, Approval], None], fact: str, status: ApprovalStatus, follows: list[str]
) -> None:
    """A yes leaves the call to the client, a no closes it and gives the turn back to the model."""
    draft = awaiting()

    end(draft, make_approval("9-0"))

    assert kinds(draft) == [fact, *follows]
    assert [decision.status for decision in draft.commit().decided] == [status]
    assert draft.session.awaiting_approval == ()
    is_granted = bool(draft.commit().granted)
    assert draft.session.open_calls == (("9-0",) if is_granted else ())
    assert draft.session.turn.status == ("waiting_for_tools" if is_granted else "running")


@pytest.mark.parametrize(("end", "fact", "status", "follows"), ENDINGS)
def test_turn_waits_for_the_client_when_another_call_is_open(
    end: Callable[[Draft, Approval], None], fact: str, status: ApprovalStatus, follows: list[str]
) -> None:
    """Nobody is asked any more, so the client is told that it is waited for."""
    draft = awaiting("9-1")

    end(draft, make_approval("9-0"))

    assert kinds(draft) == [fact, *(name for name in follows if name == "MessageAdded"), "TurnWaiting"]
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS
    assert draft.decision_on(make_approval("9-0")).status is status
