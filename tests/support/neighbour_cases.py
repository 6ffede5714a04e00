"""Every scene, whom it asks, and how that one fails: the cases, and how each must end."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.catalog import Commits, Route, Schedule, row
from functions.runtime.problems import STATUSES
from tests.support.neighbour_faults import NeighbourFault, Sort, fault_named, faults_of
from tests.support.neighbour_scenes import (
    COMMIT,
    CONVERSE,
    GET,
    GET_OBJECT,
    HIDE,
    PARK,
    PUBLISH,
    PUT_OBJECT,
    SCAN,
    SCENES,
    UPDATE,
    Scene,
)

HALF = "half an answer"
UNNOTICED = frozenset({(HIDE, HALF), (PUT_OBJECT, HALF)})
"""An answer that holds nothing is as good by half."""

NOT_REPEATED = frozenset({(GET_OBJECT, HALF), (PARK, HALF), (PARK, "all messages refused")})
"""Faults after which nobody asks again within the invocation: its event comes back, which is repeat enough."""


@dataclass(frozen=True)
class Case:
    """One fault of one operation in one scene."""

    name: str
    operation: str
    fault_name: str

    @property
    def scene(self) -> Scene:
        """What is tried."""
        return SCENES[self.name]

    @property
    def fault(self) -> NeighbourFault:
        """What happens."""
        return fault_named(self.operation, self.fault_name)

    @property
    def is_unnoticed(self) -> bool:
        """Whether nobody needs what is missing."""
        return (self.operation, self.fault_name) in UNNOTICED

    @property
    def is_repeated(self) -> bool:
        """Whether the function asks again before it gives up."""
        # The dead letters' function takes a lost race as a reason to come back later: it has no client that waits.
        is_race = self.scene.function == "fail_turn" and self.fault_name.startswith("cancelled")
        return not is_race and (self.operation, self.fault_name) not in NOT_REPEATED

    @property
    def is_survived(self) -> bool:
        """Whether the function does what it should although the fault never ends."""
        # The circuit's state is good to know; without it calls go through. A model that fails ends the turn as failed.
        of_worker = self.scene.function == "run_turn" and self.operation in {GET, CONVERSE}
        return self.is_unnoticed or of_worker or self.operation == PUBLISH

    @property
    def is_given_up(self) -> bool:
        """Whether the turn is ended for it: each lost answer of a lock that was taken counts as a worker that died."""
        is_carried_out = self.fault_name in {HALF, "answer lost", "connection cut in the answer"}
        return self.scene.function == "run_turn" and self.operation == UPDATE and is_carried_out

    def ending(self) -> tuple[int | str, str | None]:
        """Return status and code of an invocation during which the fault does not end."""
        match row(self.scene.function).trigger:
            case Route() if self.fault.sort is Sort.CONFLICT and self.operation == COMMIT:
                code = "SESSION_BUSY"
            case Route():
                code = "STORAGE_UNAVAILABLE"
            case Schedule():
                return ("raised" if self.operation == SCAN else "left"), None
            case Commits() | _:
                return "comes back", None
        return STATUSES[code], code

    def __str__(self) -> str:
        """Return its name, by which pytest finds it."""
        return f"{self.name}-{self.operation}-{self.fault_name}"


def _cases() -> Sequence[Sequence[Case]]:
    """Return the cases of each scene and operation."""
    asked = [(name, operation) for name, scene in SCENES.items() for operation in scene.operations]
    return [[Case(*pair, fault) for fault in faults_of(pair[1])] for pair in asked]


def _part() -> Sequence[Case]:
    """Return one case of each scene and operation, another fault each time, then the first of every fault left out."""
    turns = [cases[place % len(cases)] for place, cases in enumerate(_cases())]
    missing = {case.fault_name: case for case in reversed(ALL)}
    for case in turns:
        missing.pop(case.fault_name, None)
    return (*turns, *reversed(missing.values()))


ALL: Sequence[Case] = tuple(case for cases in _cases() for case in cases)
PART: Sequence[Case] = _part()
"""What is tried each time: always the same."""
