"""Facts about approvals."""

from datetime import datetime

from domain.model.events.base import Category, Fact
from domain.model.policy import RequestType
from domain.model.value import ApprovalId, CallId, UserId


class ApprovalRequested(Fact):
    """A person is asked.

    Attributes:
        tool: Name of the tool that would run.
        arguments_sha256: Of what the person is shown.
        expires_at: From then on the answer is no.
    """

    category = Category.APPROVAL
    priority = 90
    approval_id: ApprovalId
    call_id: CallId
    request_type: RequestType
    tool: str
    arguments_sha256: str
    expires_at: datetime


class ApprovalGranted(Fact):
    """The person said yes.

    Attributes:
        arguments_sha256: Of what they were shown.
        decided_by: Who they are.
    """

    category = Category.APPROVAL
    approval_id: ApprovalId
    call_id: CallId
    arguments_sha256: str
    decided_by: UserId


class ApprovalEdited(Fact):
    """The person said: yes, but so.

    Attributes:
        arguments_sha256: Of what they were shown.
        modified_sha256: Of what is to be run instead; None when they gave words for the plan to be made anew.
        decided_by: Who they are.
    """

    category = Category.APPROVAL
    approval_id: ApprovalId
    call_id: CallId
    arguments_sha256: str
    modified_sha256: str | None = None
    decided_by: UserId


class ApprovalRejected(Fact):
    """The person said no.

    Attributes:
        arguments_sha256: Of what they were shown.
        decided_by: Who they are.
    """

    category = Category.APPROVAL
    approval_id: ApprovalId
    call_id: CallId
    arguments_sha256: str
    decided_by: UserId


class ApprovalExpired(Fact):
    """Nobody said anything in time, which is a no."""

    category = Category.APPROVAL
    priority = 90
    approval_id: ApprovalId
    call_id: CallId


class ApprovalCancelled(Fact):
    """Nobody needs to say anything any more: the call was cancelled."""

    category = Category.APPROVAL
    approval_id: ApprovalId
    call_id: CallId
