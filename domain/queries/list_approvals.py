"""Read what people were and are asked in a session."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Self

from domain.cqrs import Answer, OfSession, Query
from domain.model.approval import Approval, ApprovalStatus
from domain.model.policy import RequestType
from domain.model.value import JsonObject, json_bytes
from domain.ports import ApprovalRepository, Clock

MOST = 40
"""No turn waits for more than 16."""
MOST_BYTES = 1_500_000
"""Of arguments, as JSON. Lambda writes the body into JSON once more, which can make it thrice as long, and takes 6 MB.
The calls that a turn waits for show at most 100 KB together."""


class ApprovalDTO(Answer):
    """An approval as the client sees it.

    Attributes:
        id: What to decide it under.
        request_type: What is asked for.
        subject: The tool's name, or the plan's title.
        arguments: What the model wants to run; show it to the person.
        arguments_sha256: Of their compact JSON; what the decision is bound to.
        reason: Why somebody is asked; None when the policy does not say.
        call_id: The call that waits for it.
        status: As of this answer.
        feedback: What the person said; None otherwise.
        modified_arguments: What was to be run instead; None unless edited.
        created_at: UTC.
        expires_at: UTC; from then on it counts as rejected.
        decided_at: UTC; None while pending.
    """

    id: str
    request_type: RequestType
    subject: str
    arguments: JsonObject
    arguments_sha256: str
    reason: str | None = None
    call_id: str
    status: ApprovalStatus
    feedback: str | None = None
    modified_arguments: JsonObject | None = None
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None

    @classmethod
    def of(cls, approval: Approval, now: datetime) -> Self:
        """Return `approval` as it stands at `now`, whether or not somebody has written that it expired."""
        return cls(
            id=approval.id,
            request_type=approval.request_type,
            subject=approval.subject,
            arguments=approval.arguments,
            arguments_sha256=approval.arguments_sha256,
            reason=approval.reason,
            call_id=approval.call_id,
            status=approval.status_at(now),
            feedback=approval.feedback,
            modified_arguments=approval.modified_arguments,
            created_at=approval.created_at,
            expires_at=approval.expires_at,
            decided_at=approval.decided_at,
        )


class ApprovalListDTO(Answer):
    """Approvals, oldest first.

    Attributes:
        items: Of the newest 40 of the session, fewer when they show more than 1.5 MB of arguments, those asked for; all
            that are pending are always among them.
    """

    items: tuple[ApprovalDTO, ...]


class ListApprovalsQuery(OfSession, Query):
    """Read approvals.

    Attributes:
        status: Only those that stand here; all without.
    """

    status: ApprovalStatus | None = None


class ListApprovalsHandler:
    """Reads the newest approvals; 2 requests."""

    def __init__(self, approvals: ApprovalRepository, clock: Clock) -> None:
        self._approvals = approvals
        self._clock = clock

    def handle(self, query: ListApprovalsQuery) -> ApprovalListDTO:
        """Return them, oldest first.

        Raises:
            SessionNotFound: no such session of this user.
        """
        now = self._clock.now()
        found = _newest_that_fit(self._approvals.newest(query.key, limit=MOST), MOST_BYTES)
        items = (ApprovalDTO.of(approval, now) for approval in found)
        return ApprovalListDTO(items=tuple(item for item in items if query.status in {None, item.status}))


def _newest_that_fit(approvals: Sequence[Approval], most_bytes: int) -> Sequence[Approval]:
    """Return the newest of `approvals` that show no more than `most_bytes`, and with them all that are pending."""
    return tuple(reversed(list(_fitting(approvals, most_bytes))))


def _fitting(oldest_first: Sequence[Approval], most_bytes: int) -> Iterator[Approval]:
    room = most_bytes
    for approval in reversed(oldest_first):
        room -= json_bytes(approval.arguments) + json_bytes(approval.modified_arguments)
        # Room only shrinks: once one does not fit, no older one is shown, save what somebody must still decide.
        if room >= 0 or approval.status is ApprovalStatus.PENDING:
            yield approval
