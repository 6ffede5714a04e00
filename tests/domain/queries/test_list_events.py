"""Following a session."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.model.errors import SessionNotFound, StorageUnavailable
from domain.model.events.base import Category
from domain.model.value import SessionKey
from domain.ports import Clock
from domain.queries.list_events import POLL_SECONDS, EventDTO, EventPageDTO, ListEventsQuery
from tests.support.builders import SessionTestHelper, fake_clock, make_key, memory_store, routes_to, text
from tests.support.fakes import START, FakeClock
from tests.support.system import ALICE, BOB, TRACE, System, memory_system


def follow(system: System, key: SessionKey, **fields: Any) -> EventPageDTO:
    """Return a page of events."""
    query = ListEventsQuery(user=key.user, session_id=key.session_id, trace=TRACE, **fields)
    page: EventPageDTO = system.registry.execute_query(query)
    return page


class EventfulClock(FakeClock):
    """Lets something happen after so many seconds of sleep."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at
        self.happen: Any = lambda: None

    def sleep(self, seconds: float) -> None:
        """Sleep, and let it happen when its time has come."""
        super().sleep(seconds)
        if self.seconds >= self.at:
            happen, self.happen = self.happen, lambda: None
            happen()


def test_events_show_the_whole_conversation_when_they_are_followed() -> None:
    """Who only follows events sees everything, in order, once: messages come along with their facts."""
    system = memory_system(routes_to("ask", confidence=1), text("Hello."))
    key = system.create()
    system.say(key, "hello")
    system.work(key)

    page = follow(system, key)

    assert [event.seq for event in page.items] == list(range(1, 11))
    assert [(event.type, event.message.content) for event in page.items if event.message] == [
        ("MessageAdded", "hello"),
        ("MessageAdded", "Hello."),
    ]
    assert (page.next_after, page.has_more) == (10, False)
    switched = next(event for event in page.items if event.type == "AgentSwitched")
    assert switched == EventDTO(
        seq=7,
        turn=1,
        type="AgentSwitched",
        category=Category.AGENT,
        occurred_at=START,
        correlation_id=TRACE.correlation_id,
        data={
            "from_agent": "orchestrator",
            "to_agent": "ask",
            "reason": "routed",
            "confidence": 1.0,
            "is_fallback": False,
        },
    )


def test_event_leaves_out_what_it_does_not_have_when_it_is_shown() -> None:
    """No nulls in the data."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system)

    event = follow(system, key, after=2).items[0]

    assert event.type == "MessageAdded"
    assert set(event.data) == {"role", "size", "sha256", "calls"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_every_event_comes_once_when_pages_are_followed(limit: int) -> None:
    """1, 2, 3… without a gap from page to page, also when a page ends inside a commit."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two")
    numbers: list[int] = []
    after, has_more = 0, True

    while has_more:
        page = follow(system, key, after=after, limit=limit)
        numbers += [event.seq for event in page.items]
        after, has_more = page.next_after, page.has_more

    assert numbers == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("after", [2, 999])
def test_answer_comes_at_once_when_nobody_wants_to_wait(after: int) -> None:
    """An empty page keeps the cursor, also beyond the end."""
    system = memory_system()
    key = system.create()

    assert follow(system, key, after=after) == EventPageDTO(items=(), next_after=after, has_more=False)
    assert fake_clock(system).slept == []


@pytest.mark.parametrize("wait", [0.1, 0.25, 1, 20])
def test_answer_is_empty_when_nothing_happened_during_the_wait(wait: float) -> None:
    """Neither sooner nor later than asked for."""
    system = memory_system()
    key = system.create()

    page = follow(system, key, after=2, wait=wait)

    assert page.items == ()
    assert fake_clock(system).seconds == pytest.approx(wait)
    assert max(fake_clock(system).slept) <= POLL_SECONDS


def test_wait_ends_without_an_event_when_the_store_does_not_answer_any_more() -> None:
    """What was read before is an answer; only who is told nothing at all is refused."""
    system = memory_system()
    key = system.create()
    store = memory_store(system)
    page = store.page

    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise StorageUnavailable

    def answer_once(*args: Any, **kwargs: Any) -> Any:
        store.page = fail  # type: ignore[method-assign]  # the store goes away while somebody waits
        return page(*args, **kwargs)

    store.page = answer_once  # type: ignore[method-assign]  # same

    assert follow(system, key, after=2, wait=20) == EventPageDTO(items=(), next_after=2, has_more=False)
    with pytest.raises(StorageUnavailable):
        follow(system, key, after=2, wait=20)


@pytest.mark.parametrize("at", [0.1, 1.0, 4.9])
def test_answer_comes_early_when_something_happens_during_the_wait(at: float) -> None:
    """Within a quarter of a second of the first event."""
    system = memory_system()
    clock = EventfulClock(at)
    system.container.register(Clock, lambda: clock)
    key = system.create()
    clock.happen = lambda: system.say(key)

    page = follow(system, key, after=2, wait=5)

    assert [event.type for event in page.items] == ["MessageAdded", "TurnRequested"]
    assert clock.seconds - at < POLL_SECONDS


def test_answer_comes_at_once_when_there_are_events_already() -> None:
    """Waiting is for those who have seen everything."""
    system = memory_system()
    key = system.create()

    assert len(follow(system, key, wait=20).items) == 2
    assert fake_clock(system).slept == []


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_events_are_not_found_when_the_session_is_not_ones_own(key: SessionKey) -> None:
    """And nobody waits for a session that is not there."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound):
        follow(system, key, wait=20)

    assert fake_clock(system).slept == []


@pytest.mark.parametrize(
    "fields",
    [
        {"after": -1},
        {"after": 10**12},
        {"limit": 0},
        {"limit": 201},
        {"wait": -1},
        {"wait": 20.1},
        {"wait": float("nan")},
        {"wait": float("inf")},
        {"types": "x"},
    ],
)
def test_query_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """Cursor, limit and wait have their bounds."""
    known = {"user": ALICE, "session_id": "s1", "trace": TRACE}

    with pytest.raises(ValidationError):
        ListEventsQuery.model_validate(known | fields)
