"""Reading the plan beside a session's head, which costs nothing while there is none to read."""

from domain.model.plan import Plan
from domain.model.session import Session
from domain.ports import SessionRepository


def open_plan(sessions: SessionRepository, session: Session) -> Plan | None:
    """Return the plan of `session` while it is open, None otherwise; one request when it is.

    Args:
        sessions: Where it is stored.
        session: As read before, so that a plan that has changed since makes its commit lose the race.
    """
    return sessions.plan(session.key) if session.is_plan_open else None
