"""A user's sessions, from the index."""

from datetime import datetime
from itertools import islice

from pynamodb.connection import Connection

from domain.model.session import SessionSummary, SummaryPage
from domain.model.value import SessionId, SessionKey, UserId
from functions.adapters.dynamodb.models import HeadItem, head_sk, user_pk
from functions.adapters.errors import storage_errors

FILTERED_PAGE = 500
"""Entries looked at in one request while deactivated ones are passed over, however few are wanted: some 100 KB."""


class DynamoSessionDirectory:
    """Reads the index backwards, which follows the heads within moments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection  # the models speak through it

    def newest(
        self, user: UserId, *, after: tuple[datetime, SessionId] | None, limit: int, include_inactive: bool
    ) -> SummaryPage:
        """Query one more than asked for, which tells whether there is more."""
        with storage_errors():
            heads = HeadItem.by_activity.query(
                user_pk(user),
                filter_condition=None if include_inactive else HeadItem.is_active == True,  # noqa: E712  # PynamoDB's operator
                scan_index_forward=False,
                last_evaluated_key=_place(user, *after) if after else None,
                page_size=limit + 1 if include_inactive else FILTERED_PAGE,
            )
            found = list(islice(heads, limit + 1))
        summaries = tuple(_summary(user, head) for head in found[:limit])
        return SummaryPage(sessions=summaries, has_more=len(found) > limit)


def _place(user: UserId, at: datetime, session_id: SessionId) -> dict[str, dict[str, str]]:
    activity: str = HeadItem.last_activity_at.serialize(at)  # type: ignore[no-untyped-call]  # PynamoDB does not type it
    return {
        HeadItem.pk.attr_name: {"S": user_pk(user)},
        HeadItem.last_activity_at.attr_name: {"S": activity},
        HeadItem.sk.attr_name: {"S": head_sk(session_id)},
    }


def _summary(user: UserId, head: HeadItem) -> SessionSummary:
    return SessionSummary(
        key=SessionKey(user=user, session_id=head.sk.removeprefix("SESSION#")),
        title=head.title,
        is_active=head.is_active,
        created_at=head.created_at,
        last_activity_at=head.last_activity_at,
    )
