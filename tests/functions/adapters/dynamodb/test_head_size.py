"""A head is written with every commit, acquisition and renewal; under 1 KB each of them costs one unit."""

from datetime import UTC, datetime
from enum import StrEnum

import pytest

from domain.model.agent import AgentContext, AgentType
from domain.model.session import Session, Turn, TurnError, TurnErrorCode, TurnStatus
from domain.model.value import CallId, SessionKey, UserId
from domain.services.answers import MAX_CALLS
from domain.services.titles import MAX_BYTES, MAX_CHARACTERS
from domain.services.turns import ERROR_DETAILS
from functions.adapters.dynamodb.models import HeadItem
from functions.adapters.dynamodb.session_mapper import SessionMapper
from tests.support.builders import make_session
from tests.support.item_size import KILOBYTE, item_bytes

MOST = 10**12 - 1
"""A number with twelve digits."""
UUID = "8e6a7b52-1d2f-4c3e-9a70-5b1c9d0e2f3a"
"""Lambda names invocations like this, SQS its messages."""
LATE = datetime(2199, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)


def longest(values: type[StrEnum]) -> StrEnum:
    """The value with the longest name."""
    return max(values, key=lambda value: len(value.value))


def maximal(title: str) -> HeadItem:
    """A head with everything as large as it can be, and more at once than can be."""
    code = TurnErrorCode(longest(TurnErrorCode))
    session = Session(
        key=SessionKey(user=UserId("u" * 43), session_id="s" * 64),
        incarnation="i" * 12,
        created_at=LATE,
        last_activity_at=LATE,
        title=title,
        turn=Turn(
            number=MOST,
            status=TurnStatus(longest(TurnStatus)),
            error=TurnError(code=code, detail=ERROR_DETAILS[code]),
            rounds=99,
            switches=99,
            refusals=99,
        ),
        last_turn=MOST,
        agent=AgentContext(current_agent=AgentType(longest(AgentType)), switch_count=MOST, last_switch_at=LATE),
        message_count=MOST,
        last_seq=MOST,
        open_calls=tuple(CallId(f"{MOST}-{index}") for index in range(MAX_CALLS)),
        fence=MOST,
        attempts=99,
        has_settings=True,
    )
    head = SessionMapper().to_model(session)
    head.lock_holder, head.lock_cover, head.lock_until_ms = UUID, UUID, MOST * 10
    return head


@pytest.mark.parametrize(
    "title",
    ["🦉" * (MAX_BYTES // 4), "€" * (MAX_BYTES // 3) + "x", "я" * (MAX_BYTES // 2), "x" * MAX_CHARACTERS],
    ids=["4 bytes", "3 bytes", "2 bytes", "ASCII"],
)
def test_head_costs_one_unit_when_everything_is_maximal(title: str) -> None:
    """Title, open calls, numbers and lock at their largest leave a head within 1 KB, and some room to grow."""
    head = maximal(title)

    size = item_bytes(head.serialize())

    assert size <= KILOBYTE
    assert size <= 900, "less than 124 bytes are left for what heads are yet to hold"


def test_head_comes_back_when_everything_is_maximal() -> None:
    """What is short is still whole."""
    head = maximal("🦉" * (MAX_BYTES // 4))

    again = HeadItem.from_raw_data(head.serialize())

    assert SessionMapper().to_entity(again) == SessionMapper().to_entity(head)
    assert (again.lock_holder, again.lock_cover, again.lock_until_ms) == (UUID, UUID, MOST * 10)


def test_last_activity_sorts_as_text_when_times_differ() -> None:
    """The index sorts sessions by this attribute, so it must be a string of one form."""

    def make_head(at: datetime) -> HeadItem:
        return SessionMapper().to_model(make_session(last_activity_at=at))

    times = [datetime(2026, month, 1, 12, 0, 0, ms, tzinfo=UTC) for month in (1, 9, 12) for ms in (0, 1000, 999_000)]

    texts = [make_head(at).serialize()["la"]["S"] for at in times]

    assert texts == sorted(texts)
