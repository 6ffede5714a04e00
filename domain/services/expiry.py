"""Writing down that nobody has decided in time, whoever notices first."""

from domain.cqrs import Answer, Command
from domain.model.approval import Approval, ApprovalStatus
from domain.model.draft import Draft
from domain.model.value import CallId, SessionKey, Trace
from domain.services import approvals
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


class ApprovalExpiry:
    """Commits expiries that are due; an approval that is decided or has time left stays as it is."""

    def __init__(self, sessions: SessionManagementService) -> None:
        self._sessions = sessions

    def write(self, key: SessionKey, call_id: CallId, trace: Trace) -> None:
        """Close the call if its approval is pending and its time is over; 2 requests, 1 when there is nothing to do.

        Raises:
            SessionNotFound: no such session of this owner.
            SessionBusy: others were faster for 6 s.
            StorageUnavailable: the store did not answer.
        """

        def decide(draft: Draft, approval: Approval | None) -> Answer:
            if approval and approval.status is ApprovalStatus.PENDING and draft.at >= approval.expires_at:
                approvals.expire(draft, approval)
            return Answer()

        self._sessions.change_approval(Command(trace=trace), key, call_id, decide, WholeAnswers(Answer))
