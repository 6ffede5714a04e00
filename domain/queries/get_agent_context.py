"""Ask which agent speaks in a session, and how it came to."""

from datetime import datetime
from typing import Self

from domain.cqrs import Answer, OfSession, Query
from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitched
from domain.model.log import Event
from domain.model.session import Session
from domain.model.value import SessionKey
from domain.ports import LogRepository, SessionRepository

PAGE = 200


class AgentSwitchDTO(Answer):
    """One switch.

    Attributes:
        from_agent: Who spoke before.
        to_agent: Who speaks from then on.
        reason: In somebody's own words, or `routed`, `user`, `agent`, `completed` when nobody gave any.
        confidence: 0 to 1; None when nobody said how sure they were.
        at: UTC.
    """

    from_agent: AgentType
    to_agent: AgentType
    reason: str
    confidence: float | None = None
    at: datetime


class AgentContextDTO(Answer):
    """Which agent speaks, how often that changed, and when last.

    Attributes:
        session_id: Of the session.
        current_agent: Who answers next.
        switch_count: Switches since the session began.
        last_switch_at: UTC; None before the first switch.
        history: Every switch, oldest first; None unless asked for.
    """

    session_id: str
    current_agent: AgentType
    switch_count: int
    last_switch_at: datetime | None = None
    history: tuple[AgentSwitchDTO, ...] | None = None

    @classmethod
    def of(cls, session: Session, history: tuple[AgentSwitchDTO, ...] | None = None) -> Self:
        """Return the agent context of `session`."""
        context = session.agent
        return cls(
            session_id=session.key.session_id,
            current_agent=context.current_agent,
            switch_count=context.switch_count,
            last_switch_at=context.last_switch_at,
            history=history,
        )


class GetAgentContextQuery(OfSession, Query):
    """Ask which agent speaks.

    Attributes:
        include_history: Tell every switch, too.
    """

    include_history: bool = False


class GetAgentContextHandler:
    """Reads the head; 1 request. The history is read from the log: a request more per megabyte of it."""

    def __init__(self, sessions: SessionRepository, log: LogRepository) -> None:
        self._sessions = sessions
        self._log = log

    def handle(self, query: GetAgentContextQuery) -> AgentContextDTO:
        """Return the agent context as of every answered write.

        Raises:
            SessionNotFound: no such session of this user.
        """
        session = self._sessions.get(query.key)
        return AgentContextDTO.of(session, self._history(query.key) if query.include_history else None)

    def _history(self, key: SessionKey) -> tuple[AgentSwitchDTO, ...]:
        switches: list[AgentSwitchDTO] = []
        after, has_more = 0, True
        while has_more:
            page = self._log.page(key, after=after, limit=PAGE)
            switches += [_switch(event, event.fact) for event in page.events if isinstance(event.fact, AgentSwitched)]
            after, has_more = page.next_after, page.has_more
        return tuple(switches)


def _switch(event: Event, fact: AgentSwitched) -> AgentSwitchDTO:
    return AgentSwitchDTO(
        from_agent=fact.from_agent,
        to_agent=fact.to_agent,
        reason=event.note or fact.reason.value,
        confidence=fact.confidence,
        at=event.occurred_at,
    )
