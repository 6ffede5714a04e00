"""Stop what a session is doing."""

from domain.cqrs import Command, OfSession
from domain.model.draft import Draft
from domain.queries.get_session import SessionDTO
from domain.services import turns
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


class CancelTurnCommand(OfSession, Command):
    """Stop the turn in progress and drop the messages that wait for theirs."""


class CancelTurnHandler:
    """Cancels turns; 2 requests, 1 when there is nothing to stop.

    A worker that is at it cannot write any more, whatever its model still answers; what it had produced stays. Raises
    `TurnCancelled` for each turn, and `ToolCallCancelled` and `ApprovalCancelled` for what was open.
    """

    def __init__(self, sessions: SessionManagementService) -> None:
        self._sessions = sessions

    def handle(self, command: CancelTurnCommand) -> SessionDTO:
        """Cancel and return the session.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            SessionInactive: the session takes no commands.
            SessionBusy: too many write at once.
        """

        def decide(draft: Draft) -> SessionDTO:
            draft.must_be_active()
            turns.cancel_all(draft)
            return SessionDTO.of(draft.session)

        return self._sessions.change(command, command.key, decide, WholeAnswers(SessionDTO))
