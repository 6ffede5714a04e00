"""List a user's sessions."""

import base64
import json
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError

from domain.cqrs import Answer, OfUser, Query
from domain.model.session import SessionSummary
from domain.model.value import SessionId, Value
from domain.ports import SessionDirectory

NO_CURSOR = "this is no cursor that was given out"


class Place(Value):
    """Where a page of sessions ended: its last session, and when that one was last active."""

    last_activity_at: datetime
    session_id: SessionId

    def to_cursor(self) -> str:
        """Return this place as a client keeps it; the user is no part of it, so a forged one leads nowhere else."""
        text = json.dumps([self.last_activity_at.isoformat(), self.session_id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_cursor(cls, cursor: str) -> Self:
        """Return the place a client kept.

        Raises:
            ValueError: it is none of ours.
        """
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            at, session_id = json.loads(text)
            place = cls(last_activity_at=datetime.fromisoformat(at), session_id=session_id)
        except (ValueError, TypeError, ValidationError):
            raise ValueError(NO_CURSOR) from None
        # Only what is spelt as ours is known to be a time that the store can be asked with.
        if place.last_activity_at.utcoffset() != timedelta(0) or place.to_cursor() != cursor:
            raise ValueError(NO_CURSOR)
        return place


def _is_cursor(cursor: str) -> str:
    Place.from_cursor(cursor)
    return cursor


class SessionListItemDTO(Answer):
    """A session in a list; times are UTC.

    Attributes:
        id: Chosen by the client, or made.
        title: Given, or taken from the first message; None until then.
        is_active: Whether it takes commands.
        created_at: UTC.
        last_activity_at: UTC time of the newest user message, or of creation.
    """

    id: str
    title: str | None = None
    is_active: bool
    created_at: datetime
    last_activity_at: datetime

    @classmethod
    def of(cls, summary: SessionSummary) -> Self:
        """Return `summary` as its owner sees it."""
        return cls(
            id=summary.key.session_id,
            title=summary.title,
            is_active=summary.is_active,
            created_at=summary.created_at,
            last_activity_at=summary.last_activity_at,
        )


class SessionPageDTO(Answer):
    """A page of sessions, newest activity first.

    Attributes:
        items: May be fewer than the limit.
        next_cursor: What to ask for next; None on the last page.
    """

    items: tuple[SessionListItemDTO, ...]
    next_cursor: str | None = None


class ListSessionsQuery(OfUser, Query):
    """List the user's sessions.

    Attributes:
        limit: Most sessions on the page.
        cursor: Of the page before; the first page when left out.
        include_inactive: Tell deactivated ones, too.
    """

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(max_length=400), AfterValidator(_is_cursor)] | None = None
    include_inactive: bool = False


class ListSessionsHandler:
    """Reads a page of the index; 1 request, and more only when hundreds of deactivated sessions were passed over."""

    def __init__(self, sessions: SessionDirectory) -> None:
        self._sessions = sessions

    def handle(self, query: ListSessionsQuery) -> SessionPageDTO:
        """Return the page. A session that is not touched while paging appears exactly once.

        The index follows the sessions within moments; a session just created may be missing.
        """
        after = Place.from_cursor(query.cursor) if query.cursor else None
        page = self._sessions.newest(
            query.user,
            after=(after.last_activity_at, after.session_id) if after else None,
            limit=query.limit,
            include_inactive=query.include_inactive,
        )
        last = page.sessions[-1] if page.has_more else None
        place = Place(last_activity_at=last.last_activity_at, session_id=last.key.session_id) if last else None
        return SessionPageDTO(
            items=tuple(SessionListItemDTO.of(summary) for summary in page.sessions),
            next_cursor=place.to_cursor() if place else None,
        )
