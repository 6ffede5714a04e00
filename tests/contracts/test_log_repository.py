"""`LogRepository`: everything that was committed, in order, once."""

import pytest

from domain.model.errors import SessionNotFound
from domain.model.log import Event
from domain.model.message import BEGINNING_CHARACTERS, INLINE_BYTES, CallStatus, Role
from domain.model.value import SessionKey
from domain.services import turns
from tests.contracts.steps import Steps, asks, bodies, calls_of, closes, holder, says
from tests.support.builders import make_key
from tests.support.system import BOB


def create_lived(steps: Steps) -> tuple[SessionKey, tuple[Event, ...]]:
    """A session of some commits of different lengths, with calls between them, and its events."""
    key = steps.create_owing()
    steps.change(steps.sessions.get(key), asks(3))
    for call_id in steps.sessions.get(key).open_calls:
        steps.change(steps.sessions.get(key), closes(call_id))
    steps.say(key, "second")
    return key, steps.events(key)


def test_log_holds_every_commit_when_it_is_read_whole(steps: Steps) -> None:
    """What the commits said comes back in order, numbered from 1 without a gap."""
    key = steps.create()
    said = steps.say(key, "first") + steps.say(key, "second")

    events = steps.events(key)

    assert events[2:] == said
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert bodies(events) == ["first", "second"]


@pytest.mark.parametrize("messages_only", [False, True], ids=["events", "messages"])
def test_pages_make_the_whole_log_when_they_are_of_any_size(steps: Steps, messages_only: bool) -> None:
    """With every limit there is, nothing is missed, doubled or promised in vain."""
    key, log = create_lived(steps)
    wanted = [event for event in log if event.message or not messages_only]

    for limit in range(1, len(wanted) + 2):
        read: list[Event] = []
        after, has_more = 0, True
        while has_more:
            page = steps.log.page(key, after=after, limit=limit, messages_only=messages_only)
            read += page.events
            after, has_more = page.next_after, page.has_more
            assert len(page.events) == limit or not has_more
            assert after == read[-1].seq
        assert read == wanted


def test_page_begins_behind_any_number_when_it_lies_inside_a_commit(steps: Steps) -> None:
    """A cursor may point at any fact, not only at the last of a commit."""
    key, log = create_lived(steps)

    for after in range(len(log)):
        assert steps.log.page(key, after=after, limit=1000).events == log[after:]
        assert steps.log.page(key, after=after, limit=1).events == log[after : after + 1]


@pytest.mark.parametrize("beyond", [0, 1, 10**12 - 1 - 20])
@pytest.mark.parametrize("messages_only", [False, True], ids=["events", "messages"])
def test_page_is_empty_when_nothing_lies_behind_the_number(steps: Steps, beyond: int, messages_only: bool) -> None:
    """An empty tail is no error, and its cursor stays where it is."""
    key, log = create_lived(steps)
    after = len(log) + beyond

    page = steps.log.page(key, after=after, limit=5, messages_only=messages_only)

    assert (page.events, page.next_after, page.has_more) == ((), after, False)


@pytest.mark.parametrize("key", [make_key("s2"), make_key("s1", BOB)], ids=["another id", "another user"])
@pytest.mark.parametrize("after", [0, 3, 10**12 - 1])
def test_page_is_refused_when_it_is_no_session_of_this_owner(steps: Steps, key: SessionKey, after: int) -> None:
    """A missing session and an empty tail are told apart."""
    steps.create_owing()

    with pytest.raises(SessionNotFound):
        steps.log.page(key, after=after, limit=10)


def test_page_promises_no_more_when_only_other_facts_follow_the_last_message(steps: Steps) -> None:
    """`has_more` speaks of messages when messages are asked for."""
    key = steps.create_owing()
    (message,) = [event for event in steps.events(key) if event.message]

    page = steps.log.page(key, after=0, limit=1, messages_only=True)

    assert (page.events, page.next_after, page.has_more) == ((message,), message.seq, False)
    assert steps.log.page(key, after=message.seq, limit=1).events != ()


def test_calls_show_what_they_are_now_when_the_log_is_read(steps: Steps) -> None:
    """The message never changes, the calls inside it do."""
    key, (first, second) = steps.create_waiting(calls=2)
    steps.close(steps.sessions.get(key), second, CallStatus.FAILED)
    expected = {first: CallStatus.PENDING, second: CallStatus.FAILED}
    asked = next(event.seq for event in steps.events(key) if calls_of((event,)))

    pages = (
        steps.events(key),
        steps.log.page(key, after=asked - 1, limit=1).events,
        steps.log.page(key, after=0, limit=10, messages_only=True).events,
        steps.log.recent(key, turn=1),
    )

    assert [{call.call_id: call.status for call in calls_of(events)} for events in pages] == [expected] * 4


def test_calls_are_joined_to_their_own_answer_when_there_are_several(steps: Steps) -> None:
    """The calls of one answer never show up at another."""
    key, (first,) = steps.create_waiting(calls=1)
    steps.change(steps.sessions.get(key), closes(first))
    steps.change(steps.sessions.get(key), asks(12))
    tenth = steps.sessions.get(key).open_calls[10]
    steps.close(steps.sessions.get(key), tenth, CallStatus.CANCELLED)

    calls = calls_of(steps.events(key))

    assert len(calls) == 13
    assert {call.call_id: call.status for call in calls if call.status is not CallStatus.PENDING} == {
        first: CallStatus.DONE,
        tenth: CallStatus.CANCELLED,
    }


def test_logs_are_apart_when_sessions_have_ids_that_begin_alike(steps: Steps) -> None:
    """The log of `s1` holds nothing of `s10`, nor that of another user's `s1`."""
    keys = [steps.create("s1"), steps.create("s10"), steps.create(key=make_key("s1", BOB))]
    for place, key in enumerate(keys):
        steps.say(key, f"to {place}")

    texts = [bodies(steps.events(key)) for key in keys]

    assert texts == [["to 0"], ["to 1"], ["to 2"]]


def test_recent_is_the_whole_log_when_it_is_short(steps: Steps) -> None:
    """A history has everything that was said, oldest first."""
    key = steps.create_owing()
    steps.change(steps.sessions.get(key), asks(2))

    assert tuple(steps.log.recent(key, turn=1)) == steps.events(key)


def test_recent_is_empty_when_there_is_no_session(steps: Steps) -> None:
    """Who asks for a history holds the session's lock, so nobody is told."""
    assert list(steps.log.recent(make_key("s2"), turn=1)) == []


def test_recent_passes_later_turns_over_when_messages_are_queued(steps: Steps) -> None:
    """What waits for a turn of its own is none of this one's business."""
    key = steps.create_owing()
    for place in range(3):
        steps.say(key, f"queued {place}")

    assert bodies(steps.log.recent(key, turn=1)) == ["hello"]
    assert bodies(steps.log.recent(key, turn=3)) == ["hello", "queued 0", "queued 1"]


def create_with_queue(steps: Steps, first: str, second: str, queued: int) -> SessionKey:
    """A session whose first turn has ended and whose second has so many long messages queued behind it."""
    key = steps.create()
    steps.say(key, first)
    lease = steps.locks.acquire(key, holder())
    steps.change(
        lease.session, lambda draft: turns.complete(draft, draft.session.agent.current_agent), fence=lease.fence
    )
    steps.say(key, second)
    for place in range(queued):
        steps.say(key, f"{place} ".ljust(100_000, "x"))
    return key


def test_recent_finds_the_turns_message_when_the_queue_is_longer_than_one_request_brings(steps: Steps) -> None:
    """A turn never runs without the message that it answers."""
    key = create_with_queue(steps, "first", "second", queued=14)

    history = [text[:6].strip("x ") for text in bodies(steps.log.recent(key, turn=3))]

    assert history == ["first", "second", "0"]


def test_recent_finds_what_was_said_before_when_the_queue_leaves_no_room_for_it(steps: Steps) -> None:
    """A turn whose message is the oldest that one request brings is not answered as if it were the first."""
    key = create_with_queue(steps, "first", "second".ljust(60_000), queued=10)

    history = [text.strip() for text in bodies(steps.log.recent(key, turn=2))]

    assert history == ["first", "second"]


def test_recent_reaches_the_turns_message_when_its_results_are_large(steps: Steps) -> None:
    """Results that fill more than one request hide neither the calls they answer nor the request itself."""
    key, open_calls = steps.create_waiting(calls=6)

    for call_id in open_calls:
        steps.change(steps.sessions.get(key), closes(call_id, result="x" * 250_000))

    events = steps.log.recent(key, turn=1)

    assert [event.message.role for event in events if event.message] == [Role.USER, Role.ASSISTANT, *[Role.TOOL] * 6]


def test_content_is_shortened_on_a_page_and_whole_in_a_history_when_it_is_stored_apart(steps: Steps) -> None:
    """A page stays small, and a model reads everything."""
    key = steps.create()
    steps.change(steps.sessions.get(key), says("🦉" * INLINE_BYTES))

    (on_page,) = bodies(steps.events(key))
    (in_history,) = bodies(steps.log.recent(key, turn=1))

    assert on_page == "🦉" * BEGINNING_CHARACTERS
    assert in_history == "🦉" * INLINE_BYTES
