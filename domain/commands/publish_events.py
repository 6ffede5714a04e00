"""Tell the world what was committed."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.cqrs import Command
from domain.model.log import CommitKey, Event
from domain.ports import EventPublisher, ParkedCommits
from domain.services.event_bus import EventBus


class PublishEventsCommand(Command):
    """Put the facts of commits on the bus.

    Attributes:
        commits: Each commit's events in order.
        unreadable: Commits that this version cannot read, a newer one's say; they wait with those the bus refused.
    """

    commits: tuple[tuple[Event, ...], ...]
    unreadable: tuple[CommitKey, ...] = ()


@dataclass(frozen=True)
class Published:
    """What became of the facts.

    Attributes:
        events: Taken by the bus.
        parked: Commits that could not be read, then those of which the bus did not take every fact.
    """

    events: int
    parked: Sequence[CommitKey]


class PublishEventsHandler:
    """Relays commits to the bus, at least once; a commit the bus does not take is parked, never lost."""

    def __init__(self, bus: EventBus, publisher: EventPublisher, parked: ParkedCommits) -> None:
        self._bus = bus
        self._publisher = publisher
        self._parked = parked

    def handle(self, command: PublishEventsCommand) -> Published:
        """Publish in order and return what became of the facts; what middleware drops counts as published."""
        admitted = [
            (passed, CommitKey(key=commit[-1].key, last_seq=commit[-1].seq))
            for commit in command.commits
            for event in commit
            if (passed := self._bus.admit(event)) is not None
        ]
        refused = {event.event_id for event in self._publisher.publish([event for event, _ in admitted])}
        unpublished = (key for event, key in admitted if event.event_id in refused)
        parked = list(dict.fromkeys((*command.unreadable, *unpublished)))
        if parked:
            self._parked.park(parked)
        return Published(events=len(admitted) - len(refused), parked=parked)
