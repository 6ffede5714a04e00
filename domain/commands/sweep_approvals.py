"""Let approvals expire that no queue message has seen to."""

from domain.cqrs import Answer, Command
from domain.model.errors import SessionBusy, SessionNotFound, StorageUnavailable
from domain.ports import ApprovalRepository, Clock
from domain.services.expiry import ApprovalExpiry


class SweepApprovalsCommand(Command):
    """Look for approvals whose time is over.

    Attributes:
        seconds: Time this worker has.
    """

    seconds: float


class SweptDTO(Answer):
    """What a sweep did.

    Attributes:
        expired: Approvals that it let expire.
        left: Approvals that it could not see to now; the next sweep, or whoever looks first, does.
    """

    expired: int
    left: int


class SweepApprovalsHandler:
    """The net under the queue of expiries: an approval whose event or message was lost still comes to its end.

    Reads the whole table, once a day, 1 request per MB; 2 requests for each approval found. Raises `ApprovalExpired`
    and what follows when a call is closed.
    """

    MARGIN_SECONDS = 15.0
    """An expiry is begun only with this much time left."""

    def __init__(self, approvals: ApprovalRepository, expiry: ApprovalExpiry, clock: Clock) -> None:
        self._approvals = approvals
        self._expiry = expiry
        self._clock = clock

    def handle(self, command: SweepApprovalsCommand) -> SweptDTO:
        """Let them expire, as many as time allows.

        Raises:
            StorageUnavailable: the table could not be read.
        """
        deadline = self._clock.monotonic() + command.seconds - self.MARGIN_SECONDS
        expired = left = 0
        for key, call_id in self._approvals.overdue(self._clock.now()):
            if self._clock.monotonic() > deadline:
                left += 1
                break
            try:
                self._expiry.write(key, call_id, command.trace)
            except SessionNotFound:
                continue
            except (SessionBusy, StorageUnavailable):
                left += 1
            else:
                expired += 1
        return SweptDTO(expired=expired, left=left)
