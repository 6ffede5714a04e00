"""Look at a session."""

from datetime import datetime
from typing import Self

from domain.cqrs import Answer, OfSession, Query
from domain.model.agent import AgentType
from domain.model.session import Session, TurnError, TurnStatus
from domain.ports import SessionRepository


class TurnDTO(Answer):
    """Where a session's turn stands.

    Attributes:
        number: 0 before the first message.
        status: `running` while an answer is owed, by whichever worker.
        error: Why it failed; None unless `status` is failed.
    """

    number: int
    status: TurnStatus
    error: TurnError | None = None


class SessionDTO(Answer):
    """A session as its owner sees it; times are UTC.

    Attributes:
        id: Chosen by the client, or made.
        title: Given, or taken from the first message; None until then.
        is_active: Whether it takes commands.
        turn: The turn in progress, or the last one that ended.
        queued: Messages that wait for a turn of their own.
        current_agent: Who answers next.
        message_count: Messages of all roles.
        last_seq: Number of the newest event.
        created_at: UTC.
        last_activity_at: UTC time of the newest user message, or of creation.
    """

    id: str
    title: str | None = None
    is_active: bool
    turn: TurnDTO
    queued: int
    current_agent: AgentType
    message_count: int
    last_seq: int
    created_at: datetime
    last_activity_at: datetime

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return `session` as its owner sees it."""
        turn = session.turn
        return cls(
            id=session.key.session_id,
            title=session.title,
            is_active=session.is_active,
            turn=TurnDTO(number=turn.number, status=turn.status, error=turn.error),
            queued=session.queued,
            current_agent=session.agent.current_agent,
            message_count=session.message_count,
            last_seq=session.last_seq,
            created_at=session.created_at,
            last_activity_at=session.last_activity_at,
        )


class GetSessionQuery(OfSession, Query):
    """Look at a session."""


class GetSessionHandler:
    """Reads the head; 1 request."""

    def __init__(self, sessions: SessionRepository) -> None:
        self._sessions = sessions

    def handle(self, query: GetSessionQuery) -> SessionDTO:
        """Return the session as of every answered write.

        Raises:
            SessionNotFound: no such session of this user.
        """
        return SessionDTO.of(self._sessions.get(query.key))
