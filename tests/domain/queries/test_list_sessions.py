"""Listing a user's sessions."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.queries.list_sessions import ListSessionsQuery, Place, SessionListItemDTO, SessionPageDTO
from tests.functions.adapters.dynamodb.strategies import keys, times
from tests.support.builders import fake_clock
from tests.support.fakes import START
from tests.support.system import ALICE, BOB, TRACE, System, memory_system

HOSTILE_CURSORS = (
    "",
    " ",
    "x",
    "é",
    "=",
    "bnVsbA",
    "W10",
    "A" * 401,
    *(
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in (
            "[]",
            "{}",
            "[1,2]",
            '["now","s1"]',
            '["2026-01-01T12:00:00+00:00"]',
            '["2026-01-01T12:00:00+00:00","a b"]',
            '["2026-01-01T12:00:00+00:00",7]',
            '["2026-01-01T12:00:00","s1"]',
            '["2026-01-01T12:00:00Z","s1"]',
            '["2026-01-01T13:00:00+01:00","s1"]',
            '["0001-01-01T00:00:00+14:00","s1"]',
            '["2026-01-01T12:00:00+00:00", "s1"]',
            '{"2026-01-01T12:00:00+00:00":1,"s1":2}',
            '["2026-01-01T12:00:00+00:00","s1"]' + " " * 10,
            "[" * 200 + "]" * 200,
        )
    ),
)
"""None of them was given out."""


def ask(system: System, **fields: Any) -> SessionPageDTO:
    """List sessions of Alice."""
    page: SessionPageDTO = system.registry.execute(ListSessionsQuery(**{"user": ALICE, "trace": TRACE} | fields))
    return page


def walk(system: System, **fields: Any) -> list[list[str]]:
    """Return the ids on each page, to the last."""
    pages, cursor = [], None
    while True:
        page = ask(system, cursor=cursor, **fields)
        pages.append([item.id for item in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return pages


def test_sessions_come_newest_activity_first_when_listed() -> None:
    """A user message moves its session to the front; sessions of others are not there."""
    system = memory_system()
    oldest, _ = system.create("a", title="A"), system.create("x", BOB)
    for name in ("b", "c"):
        fake_clock(system).advance(1)
        system.create(name)
    fake_clock(system).advance(1)
    system.say(oldest)

    page = ask(system)

    assert [item.id for item in page.items] == ["a", "c", "b"]
    assert page.items[0] == SessionListItemDTO(
        id="a",
        title="A",
        is_active=True,
        created_at=START,
        last_activity_at=system.session(oldest).last_activity_at,
    )
    assert page.next_cursor is None


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("step", [0, 1], ids=["all at one time", "one after the other"])
def test_each_session_comes_once_when_pages_are_followed(limit: int, step: int) -> None:
    """Also when all were active at the same moment, and without an empty page at the end."""
    system = memory_system()
    for number in range(6):
        system.create(f"s{number}")
        fake_clock(system).advance(step)

    pages = walk(system, limit=limit)

    assert sorted(session_id for page in pages for session_id in page) == [f"s{number}" for number in range(6)]
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


def test_untouched_sessions_come_once_when_others_are_touched_between_pages() -> None:
    """What moves to the front while paging does not push anything out."""
    system = memory_system()
    made = []
    for number in range(4):
        made.append(system.create(f"s{number}"))
        fake_clock(system).advance(1)
    first = ask(system, limit=2)

    system.say(made[1])
    system.say(made[3])
    rest = ask(system, limit=2, cursor=first.next_cursor)

    assert [item.id for item in first.items] == ["s3", "s2"]
    assert [item.id for item in rest.items] == ["s0"]


def test_inactive_sessions_are_told_when_asked_for() -> None:
    """Pages are full without them."""
    system = memory_system()
    made = [system.create(f"s{number}") for number in range(4)]
    for key in made[1:3]:
        system.update(key, is_active=False)

    assert walk(system, limit=2) == [["s3", "s0"]]
    assert walk(system, limit=3, include_inactive=True) == [["s3", "s2", "s1"], ["s0"]]


def test_page_is_empty_when_the_user_has_no_session() -> None:
    """Nothing is no error."""
    assert ask(memory_system()) == SessionPageDTO(items=(), next_cursor=None)


@pytest.mark.parametrize(
    "fields", [{"limit": 0}, {"limit": 101}, {"include_inactive": "maybe"}, *({"cursor": it} for it in HOSTILE_CURSORS)]
)
def test_query_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """A cursor is taken back exactly as it was given out."""
    with pytest.raises(ValidationError):
        ListSessionsQuery.model_validate({"user": ALICE, "trace": TRACE} | fields)


@given(times, keys.map(lambda key: key.session_id), st.integers(0, 999_999))
def test_place_comes_back_the_same_when_given_out(at: Any, session_id: str, microsecond: int) -> None:
    """Whatever the time and the id."""
    place = Place(last_activity_at=at.replace(microsecond=microsecond), session_id=session_id)

    assert Place.from_cursor(place.to_cursor()) == place
    assert ListSessionsQuery.model_validate({"user": ALICE, "trace": TRACE, "cursor": place.to_cursor()})


def test_cursor_names_no_user_when_given_out() -> None:
    """So a forged one leads nowhere else."""
    cursor = Place(last_activity_at=START, session_id="s1").to_cursor()

    assert json.loads(base64.urlsafe_b64decode(cursor + "==")) == ["2026-01-01T12:00:00+00:00", "s1"]
