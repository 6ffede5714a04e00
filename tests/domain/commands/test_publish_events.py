"""Telling the world what was committed."""

from typing import Any

import pytest

from domain.commands.publish_events import Published, PublishEventsCommand
from domain.model.events.turn import TurnRequested
from domain.model.log import CommitKey, Event
from domain.ports import EventPublisher, ParkedCommits
from domain.services.event_bus import EventBus
from tests.support.builders import SessionTestHelper, make_key, make_trace, memory_store
from tests.support.fakes import MemoryParked, MemoryPublisher
from tests.support.system import System, memory_system


class Relay:
    """A system with three commits to tell of: 2, 2 and 2 facts."""

    def __init__(self) -> None:
        self.system: System = memory_system()
        SessionTestHelper.create_session_with_messages(self.system, "first", "second")
        self.commits = tuple(commit.events for commit in memory_store(self.system).commits)
        self.publisher: MemoryPublisher = self.system.get(EventPublisher)
        self.parked: MemoryParked = self.system.get(ParkedCommits)

    def publish(self, *commits: tuple[Event, ...]) -> Published:
        """Publish commits, all of them when none are named."""
        command = PublishEventsCommand(trace=make_trace(), commits=commits or self.commits)
        published: Published = self.system.registry.execute_command(command)
        return published

    def refuse(self, *numbers: int) -> None:
        """Let the bus refuse the facts with these numbers."""
        self.publisher.refuses = lambda event: event.seq in numbers


def test_facts_are_published_in_order_when_the_bus_takes_them() -> None:
    """Every fact of every commit, as it stands in the log."""
    relay = Relay()

    assert relay.publish() == Published(events=6, parked=[])

    assert [event.seq for event in relay.publisher.taken] == [1, 2, 3, 4, 5, 6]
    assert relay.parked.parked == []


def test_nothing_is_published_when_there_is_nothing() -> None:
    """An empty batch is no error."""
    relay = Relay()
    command = PublishEventsCommand(trace=make_trace(), commits=())

    assert relay.system.registry.execute_command(command) == Published(events=0, parked=[])


@pytest.mark.parametrize(
    ("refused", "parked"),
    [((3,), [4]), ((4,), [4]), ((3, 4), [4]), ((1, 6), [2, 6]), ((1, 2, 3, 4, 5, 6), [2, 4, 6])],
)
def test_commit_is_parked_once_when_the_bus_refuses_any_of_its_facts(
    refused: tuple[int, ...], parked: list[int]
) -> None:
    """By key, in order; the others have gone out."""
    relay = Relay()
    relay.refuse(*refused)

    published = relay.publish()

    keys = [CommitKey(key=make_key(), last_seq=last_seq) for last_seq in parked]
    assert published == Published(events=6 - len(refused), parked=keys)
    assert relay.parked.parked == keys
    assert [event.seq for event in relay.publisher.taken] == [seq for seq in range(1, 7) if seq not in refused]


def test_facts_are_dropped_or_changed_when_middleware_says_so() -> None:
    """What middleware drops counts as told; what it changes goes out changed."""
    relay = Relay()
    bus: EventBus = relay.system.get(EventBus)

    @bus.middleware()
    def keep_turns(event: Event) -> Event | None:
        if not isinstance(event.fact, TurnRequested):
            return None
        return event.model_copy(update={"turn": 99})

    published = relay.publish()

    assert published == Published(events=2, parked=[])
    assert [(event.seq, event.turn) for event in relay.publisher.taken] == [(4, 99), (6, 99)]
    assert keep_turns(relay.commits[0][0]) is None


def test_fact_goes_out_again_when_its_commit_is_delivered_twice() -> None:
    """At least once: subscribers recognise a repeat by its event id."""
    relay = Relay()

    relay.publish(relay.commits[0])
    relay.publish(relay.commits[0])

    ids: list[Any] = [event.event_id for event in relay.publisher.taken]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_unreadable_commit_is_parked_when_the_others_are_published() -> None:
    """A commit that this version cannot read waits with those the bus refused, and holds nothing up."""
    relay = Relay()
    unreadable = CommitKey(key=make_key(), last_seq=9)
    command = PublishEventsCommand(trace=make_trace(), commits=relay.commits, unreadable=(unreadable,))

    published = relay.system.registry.execute_command(command)

    assert published == Published(events=6, parked=[unreadable])
    assert relay.parked.parked == [unreadable]
