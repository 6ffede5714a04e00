"""`SessionDirectory`: a user's sessions, newest activity first."""

from datetime import datetime

import pytest

from domain.model.session import SessionSummary, SummaryPage
from domain.model.value import SessionId, SessionKey
from functions.adapters.dynamodb import session_directory
from tests.contracts.steps import Steps, deactivates
from tests.support.builders import make_key
from tests.support.system import ALICE, BOB

Place = tuple[datetime, SessionId]


def page(steps: Steps, limit: int, *, after: Place | None = None, include_inactive: bool = False) -> SummaryPage:
    """Return a page of Alice's sessions."""
    return steps.directory.newest(ALICE, after=after, limit=limit, include_inactive=include_inactive)


def place(summary: SessionSummary) -> Place:
    """Return where a page that ends with `summary` ends."""
    return summary.last_activity_at, summary.key.session_id


def walk(steps: Steps, limit: int, *, include_inactive: bool = False) -> list[list[str]]:
    """Return the ids on each page, to the last."""
    pages, after = [], None
    while True:
        found = page(steps, limit, after=after, include_inactive=include_inactive)
        pages.append([summary.key.session_id for summary in found.sessions])
        if not found.has_more:
            return pages
        after = place(found.sessions[-1])


def deactivate(steps: Steps, key: SessionKey) -> None:
    """Let the session take no commands."""
    steps.change(steps.sessions.get(key), deactivates)


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7])
@pytest.mark.parametrize("step", [0.0, 0.001], ids=["all at one time", "a millisecond apart"])
def test_each_session_comes_once_when_pages_are_followed(steps: Steps, limit: int, step: float) -> None:
    """Ties included; no page but the last is short, and none is empty."""
    for number in range(6):
        steps.create(f"s{number}")
        steps.clock.advance(step)

    pages = walk(steps, limit)

    order = [session_id for ids in pages for session_id in ids]
    assert sorted(order) == [f"s{number}" for number in range(6)]
    assert not step or order == sorted(order, reverse=True)
    assert all(len(ids) == limit for ids in pages[:-1])
    assert pages[-1]


def test_summary_says_what_the_head_says_when_it_is_listed(steps: Steps) -> None:
    """Title, activity and both times; calls, commits, receipts and sessions of others are none."""
    key, _ = steps.create_waiting()
    steps.create(key=make_key("s1", BOB))

    (summary,) = page(steps, 10).sessions

    head = steps.sessions.get(key)
    assert summary == SessionSummary(
        key=key,
        title=head.title,
        is_active=True,
        created_at=head.created_at,
        last_activity_at=head.last_activity_at,
    )


def test_page_is_empty_when_there_is_nothing(steps: Steps) -> None:
    """No session, nothing more."""
    steps.create(key=make_key("s1", BOB))

    assert page(steps, 1) == SummaryPage(sessions=(), has_more=False)


@pytest.mark.parametrize("looked_at", [1, 2, 500])
def test_pages_are_full_when_inactive_sessions_are_passed_over(
    steps: Steps, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few entries one request looks at."""
    monkeypatch.setattr(session_directory, "FILTERED_PAGE", looked_at)
    made = []
    for number in range(6):
        made.append(steps.create(f"s{number}"))
        steps.clock.advance(1)
    for number in (0, 2, 3, 5):
        deactivate(steps, made[number])

    assert walk(steps, 1) == [["s4"], ["s1"]]
    assert walk(steps, 2) == [["s4", "s1"]]
    assert walk(steps, 4, include_inactive=True) == [["s5", "s4", "s3", "s2"], ["s1", "s0"]]


def test_page_goes_on_when_its_last_session_was_touched_meanwhile(steps: Steps) -> None:
    """A place is a time and an id, not a session that must still be there."""
    made = []
    for number in range(4):
        made.append(steps.create(f"s{number}"))
        steps.clock.advance(1)
    first = page(steps, 2)

    steps.say(made[2])

    rest = page(steps, 2, after=place(first.sessions[-1]))
    assert [summary.key.session_id for summary in rest.sessions] == ["s1", "s0"]
