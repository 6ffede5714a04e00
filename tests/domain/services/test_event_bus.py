"""Facts to handlers."""

import pytest

from domain.model.events.base import Category
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnRequested
from domain.model.log import Event
from domain.services.event_bus import EventBus, Handler
from domain.services.subscriptions import Subscription
from tests.support.builders import make_event

CREATED = make_event(SessionCreated(has_title=True), seq=1)
REQUESTED = make_event()


class Heard:
    """Remembers which handler heard which event."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Event]] = []

    def handler(self, name: str) -> Handler:
        """Return a handler that remembers under `name`."""
        return lambda event: self.heard.append((name, event))

    def names(self) -> list[str]:
        """Return who heard something, in order."""
        return [name for name, _ in self.heard]


def subscribed(*subscriptions: Subscription) -> tuple[EventBus, Heard]:
    """Return a bus with handlers that remember."""
    bus, heard = EventBus(), Heard()
    for subscription in subscriptions:
        bus.subscribe(subscription, heard.handler(subscription.handler))
    return bus, heard


def test_handlers_run_by_priority_when_several_hear_a_fact() -> None:
    """Highest first, then in the order they subscribed."""
    bus, heard = subscribed(
        Subscription("low", priority=-1),
        Subscription("first of two"),
        Subscription("high", priority=100),
        Subscription("second of two"),
    )

    dispatched = bus.dispatch(REQUESTED)

    assert heard.names() == ["high", "first of two", "second of two", "low"]
    assert dispatched.handled == heard.names()
    assert [subscription.handler for subscription in bus.subscriptions] == heard.names()
    assert dispatched.failed == {}


@pytest.mark.parametrize(
    ("subscription", "count"),
    [
        (Subscription("h"), 2),
        (Subscription("h", types=(TurnRequested,)), 1),
        (Subscription("h", categories=(Category.SESSION,)), 1),
        (Subscription("h", min_fact_priority=100), 1),
        (Subscription("h", data={"has_title": True}), 1),
        (Subscription("h", data={"has_title": False}), 0),
    ],
    ids=["wildcard", "type", "category", "priority", "data", "other data"],
)
def test_handler_hears_only_what_it_asked_for_when_facts_are_dispatched(subscription: Subscription, count: int) -> None:
    """Everything else passes it by, and is not reported as handled."""
    bus, heard = subscribed(subscription)

    handled = [name for event in (CREATED, REQUESTED) for name in bus.dispatch(event).handled]

    assert len(heard.heard) == len(handled) == count


def test_others_go_on_when_a_handler_fails() -> None:
    """One failing handler is told to the caller and stops nobody, whatever its priority."""
    bus, heard = subscribed(Subscription("before", priority=2), Subscription("after", priority=0))
    error = RuntimeError("broken")

    def fail(_: Event) -> None:
        raise error

    bus.subscribe(Subscription("failing", priority=1), fail)
    dispatched = bus.dispatch(REQUESTED)

    assert heard.names() == ["before", "after"]
    assert (dispatched.handled, dispatched.failed) == (["before", "after"], {"failing": error})


def test_middleware_changes_what_handlers_hear_when_it_returns_another_event() -> None:
    """In order of registration, each sees what the one before it left."""
    bus, heard = subscribed(Subscription("h"))

    @bus.middleware()
    def add_one(event: Event) -> Event:
        return event.model_copy(update={"turn": event.turn + 1})

    @bus.middleware()
    def double(event: Event) -> Event:
        return event.model_copy(update={"turn": event.turn * 2})

    bus.dispatch(REQUESTED)

    assert [event.turn for _, event in heard.heard] == [(REQUESTED.turn + 1) * 2]


def test_nobody_hears_when_middleware_drops_an_event() -> None:
    """Later middleware does not see it either."""
    bus, _ = subscribed(Subscription("h"))
    seen: list[Event] = []

    @bus.middleware()
    def drop_created(event: Event) -> Event | None:
        return None if isinstance(event.fact, SessionCreated) else event

    @bus.middleware()
    def watch(event: Event) -> Event:
        seen.append(event)
        return event

    dropped, passed = bus.dispatch(CREATED), bus.dispatch(REQUESTED)

    assert (dropped.handled, dropped.failed, passed.handled) == ([], {}, ["h"])
    assert seen == [REQUESTED]
    assert bus.admit(CREATED) is None
    assert bus.admit(REQUESTED) == REQUESTED


def test_handlers_are_chosen_by_the_changed_event_when_middleware_changes_its_fact() -> None:
    """Who hears is decided after the middleware."""
    bus, heard = subscribed(Subscription("sessions", categories=(Category.SESSION,)))

    @bus.middleware()
    def disguise(event: Event) -> Event:
        return event.model_copy(update={"fact": CREATED.fact})

    bus.dispatch(REQUESTED)

    assert heard.names() == ["sessions"]


def test_event_is_admitted_as_it_is_when_there_is_no_middleware() -> None:
    """An empty bus changes nothing and tells nobody."""
    bus = EventBus()

    assert bus.admit(REQUESTED) is REQUESTED
    assert bus.dispatch(REQUESTED).handled == []
    assert bus.subscriptions == ()
