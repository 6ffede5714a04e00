"""Where and how a scenario can be struck, and what comes after it: derived from what its invocations ask of others."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from functions.adapters.models.resilient import OPERATION as MODEL
from functions.catalog import Commits, DeadLetters, Queue, Route, Schedule, Trigger, row
from tests.faults.crashes.fate import PAUSES, Mode
from tests.faults.crashes.life import Step


class Then(StrEnum):
    """What comes after the strike."""

    NEVER = "never"
    """The client, or the clock, does not ask again."""
    ONCE = "once"
    """The event comes again when its time has come."""
    TWICE = "twice"
    """It comes again at once, and again when everything is over."""
    DIES = "dies"
    """The successor of a worker that is killed or paused is killed, too, before it has written."""
    CANCELS = "cancels"
    """While the worker is paused, the user cancels the turn."""
    INTERRUPTS = "interrupts"
    """While it is paused, the user says something else instead."""
    SAYS = "says"
    """While it is paused, the user says something more."""
    SWITCHES = "switches"
    """While it is paused, the user wants to hear somebody else."""


AGAIN: dict[type[Trigger], tuple[Then, ...]] = {
    Route: (Then.NEVER, Then.TWICE),
    Queue: (Then.ONCE, Then.TWICE),
    DeadLetters: (Then.ONCE, Then.TWICE),
    Commits: (Then.ONCE, Then.TWICE),
    Schedule: (Then.NEVER, Then.TWICE),
}
"""A queue and a stream deliver until somebody has done the work; clients and clocks may stay away.

The state before anything comes again is checked after every strike, whatever follows.
"""
MEANWHILE: dict[Then, tuple[str, dict[str, Any] | None]] = {
    Then.CANCELS: ("cancel_turn", None),
    Then.INTERRUPTS: ("add_message", {"content": "[[say instead]]", "on_busy": "interrupt"}),
    Then.SAYS: ("add_message", {"content": "[[say more]]"}),
    Then.SWITCHES: ("switch_agent", {"target_agent": "ask", "on_busy": "interrupt"}),
}
"""What a user does while a worker is paused."""
WHILE_PAUSED: dict[type[Trigger], tuple[Then, ...]] = {
    Route: (Then.CANCELS, Then.SAYS),
    Queue: (Then.DIES, *MEANWHILE),
    DeadLetters: (Then.DIES, Then.CANCELS),
    Schedule: (Then.CANCELS,),
}
"""What else may happen while a worker is paused, beside that its event comes again."""


@dataclass(frozen=True)
class Point:
    """Where and how a scenario is struck.

    Attributes:
        step: Which of its invocations, from 0.
        number: Which request of that, from 1; one more than there are is the report of its success.
    """

    step: int
    number: int
    mode: Mode
    then: Then

    def __str__(self) -> str:
        return f"{self.step}.{self.number}.{self.mode}.{self.then}"


def points_of(place: int, step: Step) -> Iterator[Point]:
    """Yield every way in which one invocation can be struck."""
    trigger = row(step.arrival.function).trigger
    for number, operation in enumerate(step.operations, start=1):
        for mode in Mode:
            if mode in PAUSES:
                yield Point(place, number, mode, Then.ONCE)
                yield from (Point(place, number, mode, then) for then in WHILE_PAUSED.get(type(trigger), ()))
            elif mode is not Mode.REPEATED or operation != MODEL:
                # Nothing stands between a model and our own repeats, which an unanswered call sets going.
                yield from (Point(place, number, mode, then) for then in AGAIN[type(trigger)])
        if isinstance(trigger, Queue):
            yield Point(place, number, Mode.KILLED_AFTER, Then.DIES)
    yield from (Point(place, len(step.operations) + 1, Mode.KILLED_BEFORE, then) for then in AGAIN[type(trigger)])
