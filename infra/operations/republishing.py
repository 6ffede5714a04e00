"""Commits told to the bus again, as the publisher tells them: the same facts under the same event ids."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.commands.publish_events import PublishEventsCommand, PublishEventsHandler
from domain.model.log import CommitKey, Event
from domain.model.value import CorrelationId, Trace
from domain.ports import ParkedCommits
from functions.adapters.aws import Aws
from functions.runtime.composition import compose
from functions.runtime.container import DIContainer
from functions.runtime.settings import Settings
from infra.operations.commit_log import Commit, CommitLog
from infra.operations.target import Target

AT_A_TIME = 25
"""Commits between two signs of progress."""
REPUBLISH = Trace(correlation_id=CorrelationId("republish"))
"""Of the command; every fact keeps its own."""


@dataclass
class Told:
    """What came of telling commits again.

    Attributes:
        commits: Told whole.
        events: Facts that the bus took.
        refused: Commits of which the bus did not take every fact.
        unreadable: Commits of another version.
    """

    commits: int = 0
    events: int = 0
    refused: list[CommitKey] = field(default_factory=list)
    unreadable: list[CommitKey] = field(default_factory=list)

    @property
    def left(self) -> Sequence[CommitKey]:
        """Commits that were not told, or not whole."""
        return (*self.refused, *self.unreadable)


class Nowhere:
    """Parks nothing: whoever tells commits by hand is told which ones the bus did not take."""

    def park(self, commits: Sequence[CommitKey]) -> None:
        """Do nothing; `Published` names them."""


def operators_container(target: Target) -> DIContainer:
    """Return the functions' own composition for this stack, in the operator's name."""
    known = {"table": target.output("TableName"), "bus": target.output("BusName")}
    container = compose(Settings(**dict.fromkeys(Settings.environment_names(), "") | known))
    container.register(Aws, lambda: target.aws)
    container.register(ParkedCommits, Nowhere)
    return container


class Republisher:
    """Tells commits of a stack again.

    Attributes:
        log: Where they are read.

    Args:
        container: The composition of the stack.
    """

    def __init__(self, container: DIContainer) -> None:
        self.log = container.get(CommitLog)
        self._handler = container.get(PublishEventsHandler)

    def tell(self, commits: Iterable[Commit], progress: Callable[[int], None] = lambda _: None) -> Told:
        """Publish commits in the order given, and return what came of it.

        Args:
            commits: As the log yields them.
            progress: Told after every few how many it was since the last time.
        """
        told = Told()
        rest = iter(commits)
        while some := list(islice(rest, AT_A_TIME)):
            self._tell(some, told)
            progress(len(some))
        return told

    @staticmethod
    def count(commits: Iterable[Commit], progress: Callable[[int], None] = lambda _: None) -> Told:
        """Return what telling commits would come to if the bus took everything."""
        told = Told()
        for commit in commits:
            if isinstance(commit, CommitKey):
                told.unreadable.append(commit)
            else:
                told.commits += 1
                told.events += len(commit)
            progress(1)
        return told

    def _tell(self, commits: Sequence[Commit], told: Told) -> None:
        told.unreadable += [commit for commit in commits if isinstance(commit, CommitKey)]
        readable: list[tuple[Event, ...]] = [commit for commit in commits if not isinstance(commit, CommitKey)]
        published = self._handler.handle(PublishEventsCommand(trace=REPUBLISH, commits=tuple(readable)))
        told.events += published.events
        told.commits += len(readable) - len(published.parked)
        told.refused += published.parked
