"""A human's yes or no to one call."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from domain.model.policy import RequestType
from domain.model.value import ApprovalId, CallId, JsonObject, Value, json_text

PREFIX = "a-"


class ApprovalStatus(StrEnum):
    """Where an approval stands; every state but `pending` is final."""

    PENDING = "pending"
    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


def approval_id_of(call_id: CallId) -> ApprovalId:
    """Return the id of the approval that a call waits for.

    >>> approval_id_of(CallId("9-0"))
    'a-9-0'
    """
    return ApprovalId(f"{PREFIX}{call_id}")


def call_id_of(approval_id: str) -> CallId:
    """Return the call that an approval is about; one that no session has when the id is none of ours.

    >>> call_id_of("a-9-0")
    '9-0'
    """
    return CallId(approval_id.removeprefix(PREFIX) if approval_id.startswith(PREFIX) else "none")


def arguments_hash(arguments: JsonObject) -> str:
    """Return the hash of what a person is shown: SHA-256 of the compact JSON, hexadecimal."""
    return sha256(json_text(arguments).encode()).hexdigest()


class Approval(Value):
    """What a person is asked, and what came of it.

    Attributes:
        call_id: The call that waits for it, which names it.
        subject: The tool's name, or the plan's title.
        arguments: As they were shown; kept in the log, with the message that asks for the call.
        reason: Why somebody is asked, as the policy says it; None when it does not.
        created_at: UTC.
        expires_at: UTC; from then on it counts as expired, whoever looks first.
        decided_at: UTC; None while pending.
        feedback: What the person said to it.
        modified_arguments: What is to be run instead, when edited.
    """

    call_id: CallId
    request_type: RequestType
    subject: str
    arguments: JsonObject
    reason: str | None = None
    status: ApprovalStatus = ApprovalStatus.PENDING
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None
    feedback: str | None = None
    modified_arguments: JsonObject | None = None

    @property
    def id(self) -> ApprovalId:
        """Its id, which follows from the call's."""
        return approval_id_of(self.call_id)

    @property
    def arguments_sha256(self) -> str:
        """Hash of what was shown."""
        return arguments_hash(self.arguments)

    def status_at(self, now: datetime) -> ApprovalStatus:
        """Return where it stands at `now`, whether or not somebody has written that it expired."""
        is_due = self.status is ApprovalStatus.PENDING and now >= self.expires_at
        return ApprovalStatus.EXPIRED if is_due else self.status
