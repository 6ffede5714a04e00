"""Let an approval expire at its second."""

import math

from domain.commands.run_turn import Delivery
from domain.cqrs import Command, OfSession
from domain.model.approval import ApprovalStatus
from domain.model.errors import SessionNotFound
from domain.model.value import CallId
from domain.ports import Clock, ExpiryQueue, SessionRepository
from domain.services.expiry import ApprovalExpiry

LONGEST_HIDING_SECONDS = 11 * 3600
"""SQS hides a message for 12 hours at most, counted from when it was received."""


class ExpireApprovalCommand(OfSession, Command):
    """See to an approval's end.

    Attributes:
        call_id: The call that waits for it.
        receipt: Names this delivery of the queue message that brings this command.
    """

    call_id: CallId
    receipt: str


class ExpireApprovalHandler:
    """Commits the expiry when it is due; until then the message hides, so it comes back at that second.

    Raises `ApprovalExpired` and what follows when a call is closed. 1 request when the approval was decided before.
    """

    def __init__(self, sessions: SessionRepository, expiry: ApprovalExpiry, queue: ExpiryQueue, clock: Clock) -> None:
        self._sessions = sessions
        self._expiry = expiry
        self._queue = queue
        self._clock = clock

    def handle(self, command: ExpireApprovalCommand) -> Delivery:
        """Return whether the message has done its duty.

        Raises:
            SessionBusy: others were faster for 6 s; the message must come back.
            StorageUnavailable: the store did not answer; likewise.
        """
        try:
            approval = self._sessions.load(command.key, call_id=command.call_id, with_approval=True).approval
            if approval is None or approval.status is not ApprovalStatus.PENDING:
                return Delivery.DONE
            seconds_left = (approval.expires_at - self._clock.now()).total_seconds()
            if seconds_left > 0:
                self._queue.extend(command.receipt, min(math.ceil(seconds_left), LONGEST_HIDING_SECONDS))
                return Delivery.COMES_BACK
            self._expiry.write(command.key, command.call_id, command.trace)
        except SessionNotFound:
            return Delivery.DONE
        return Delivery.DONE
