"""Let an approval expire at its second."""

import math

from domain.commands.run_turn import Delivery
from domain.cqrs import Command, OfSession
from domain.model.errors import SessionNotFound
from domain.model.value import CallId
from domain.ports import ExpiryQueue
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

    Raises `ApprovalExpired` and what follows when a call is closed: 2 requests. 1 when there is nothing to write.
    """

    def __init__(self, expiry: ApprovalExpiry, queue: ExpiryQueue) -> None:
        self._expiry = expiry
        self._queue = queue

    def handle(self, command: ExpireApprovalCommand) -> Delivery:
        """Return whether the message has done its duty.

        Raises:
            SessionBusy: others were faster for 6 s; the message must come back.
            StorageUnavailable: the store did not answer; likewise.
        """
        try:
            waiting = self._expiry.write(command.key, command.call_id, command.trace)
        except SessionNotFound:
            return Delivery.DONE
        if not waiting.seconds:
            return Delivery.DONE
        self._queue.extend(command.receipt, min(math.ceil(waiting.seconds), LONGEST_HIDING_SECONDS))
        return Delivery.COMES_BACK
