"""Writing down that nobody has decided in time, whoever notices first."""

from domain.cqrs import Answer, Command
from domain.model.approval import Approval, ApprovalStatus
from domain.model.draft import Draft
from domain.model.value import CallId, SessionKey, Trace
from domain.services import approvals
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


class Waiting(Answer):
    """What is left to wait for.

    Attributes:
        seconds: Until the approval's time is over; 0 when there is nothing to wait for.
    """

    seconds: float = 0.0


class ApprovalExpiry:
    """Commits expiries that are due; an approval that is decided or has time left stays as it is."""

    def __init__(self, sessions: SessionManagementService) -> None:
        self._sessions = sessions

    def write(self, key: SessionKey, call_id: CallId, trace: Trace) -> Waiting:
        """Close the call if its approval is pending and its time is over; 2 requests, 1 when there is nothing to do.

        Returns:
            How long an approval that is pending still has.

        Raises:
            SessionNotFound: no such session of this owner.
            SessionBusy: others were faster for 6 s.
            StorageUnavailable: the store did not answer.
        """

        def decide(draft: Draft, approval: Approval | None) -> Waiting:
            if approval is None or approval.status is not ApprovalStatus.PENDING:
                return Waiting()
            if approval.status_at(draft.at) is ApprovalStatus.PENDING:
                return Waiting(seconds=(approval.expires_at - draft.at).total_seconds())
            approvals.expire(draft, approval)
            return Waiting()

        return self._sessions.change_approval(Command(trace=trace), key, call_id, decide, WholeAnswers(Waiting))
