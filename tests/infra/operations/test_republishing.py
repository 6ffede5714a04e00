"""Commits told again: all that is meant, in order, under the ids they had, and nothing that cannot be read."""

from datetime import timedelta
from itertools import count

import pytest

from domain.model.log import CommitKey
from infra.operations.endings import Refused
from infra.operations.republishing import AT_A_TIME
from infra.operations.selecting import Wanted
from tests.support.builders import make_event, make_key
from tests.support.fakes import START
from tests.support.operated import Operated

KEY = make_key()
OF_SESSION = Wanted(session=KEY.session_id, user=KEY.user)


def _taken(stack: Operated) -> list[str]:
    return [event.event_id for event in stack.bus.taken]


def test_session_is_told_in_order_when_it_is_long(stack: Operated) -> None:
    """Every commit, in the order of the log, however many; and of no other session."""
    events = [make_event(seq=seq) for seq in range(1, 2 * AT_A_TIME + 3)]
    for event in reversed(events):
        stack.write(event)
    stack.write(make_event(key=make_key("s1-of-another")))
    steps: list[int] = []

    told = stack.republisher.tell(OF_SESSION.commits(stack.republisher.log, START), steps.append)

    assert _taken(stack) == [event.event_id for event in events]
    assert (told.commits, told.events, list(told.left)) == (len(events), len(events), [])
    assert sum(steps) == len(events)


@pytest.mark.parametrize(
    ("since", "until", "sessions"),
    [
        ("2026-01-01T12:00:00Z", None, ["now", "soon"]),
        ("2026-01-01T14:00:00+02:00", "2026-01-01T12:00:00Z", ["now"]),
        ("2025-12-31T00:00:00Z", "2026-01-01T11:59:59Z", ["before"]),
        ("2026-02-01T00:00:00Z", None, []),
    ],
)
def test_time_is_told_when_it_is_asked_for(stack: Operated, since: str, until: str | None, sessions: list[str]) -> None:
    """Whosever the commits are; both ends belong to it."""
    hours = timedelta(hours=1)
    for name, at in (("before", START - hours), ("now", START), ("soon", START + hours)):
        stack.write(make_event(key=make_key(name), occurred_at=at))

    commits = Wanted(since=since, until=until).commits(stack.republisher.log, START + 2 * hours)
    stack.republisher.tell(commits)

    assert sorted(event.key.session_id for event in stack.bus.taken) == sessions


def test_commits_are_named_when_they_cannot_be_told(stack: Operated) -> None:
    """One that the bus refuses, one of another version: both by their key, and the others are told."""
    for seq in (1, 2, 3):
        stack.write(make_event(seq=seq))
    stack.write_unreadable(make_event(seq=4))
    stack.bus.refuses = lambda event: event.seq == 2

    told = stack.republisher.tell(OF_SESSION.commits(stack.republisher.log, START))

    assert [event.seq for event in stack.bus.taken] == [1, 3]
    assert told.refused == [CommitKey(key=KEY, last_seq=2)]
    assert told.unreadable == [CommitKey(key=KEY, last_seq=4)]
    assert (told.commits, told.events) == (2, 2)


def test_nothing_is_told_when_it_is_only_counted(stack: Operated) -> None:
    """A dry run says what there is."""
    numbers = count(1)
    stack.write(make_event(seq=next(numbers)), make_event(seq=next(numbers)))
    stack.write_unreadable(make_event(seq=next(numbers)))

    told = stack.republisher.count(OF_SESSION.commits(stack.republisher.log, START))

    assert (told.commits, told.events, len(told.unreadable)) == (1, 2, 1)
    assert stack.bus.taken == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(), "Say which commits"),
        (Wanted(session="s1", user="u", since="2026-01-01T00:00:00Z"), "Say which commits"),
        (Wanted(since="2026-01-01T00:00:00Z", is_parked=True), "Say which commits"),
        (Wanted(session="s1"), "go together"),
        (Wanted(user="u", is_parked=True), "go together"),
        (Wanted(is_parked=True, until="2026-01-01T00:00:00Z"), "--until goes with"),
    ],
)
def test_wish_is_refused_when_it_says_too_little_or_too_much(wanted: Wanted, words: str) -> None:
    """One way to name commits, and that whole."""
    with pytest.raises(Refused, match=words):
        wanted.checked()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(session="a/b", user="u"), "no session"),
        (Wanted(session="s", user="alice@example.com"), "no session"),
        (Wanted(since="yesterday"), "is no time"),
        (Wanted(since="2026-01-01T00:00:00"), "no time zone"),
    ],
)
def test_wish_is_refused_when_what_it_names_cannot_be(stack: Operated, wanted: Wanted, words: str) -> None:
    """Nothing is read for it."""
    with pytest.raises(Refused, match=words):
        wanted.checked().commits(stack.republisher.log, START)
