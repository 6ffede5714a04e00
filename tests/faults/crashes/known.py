"""What is known of a state is not found out again: whatever comes of it depends on the state alone."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from tests.faults.crashes.world import World

T = TypeVar("T")


class Known:
    """Remembers, for each state of a world, what was asked about it and what came of it.

    Workers keep nothing of their own, and clock, ids and neighbours are part of the state: so many a strike ends in a
    state in which another has ended before, and what follows was tried then. `Crash` checks that equal states have
    equal futures; a check that failed is tried again, and fails for each strike that leads there.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[tuple[Hashable, str], object] = {}

    @property
    def states(self) -> int:
        """How many states the world has been in when something was asked."""
        return len({digest for _, digest in self._answers})

    def once(self, question: Hashable, find_out: Callable[[], T]) -> T:
        """Return what `find_out` returned in this very state, or let it find out now."""
        place = question, self._world.digest()
        if place not in self._answers:
            self._answers[place] = find_out()
        return cast("T", self._answers[place])
