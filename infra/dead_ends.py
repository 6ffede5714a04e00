"""Where what failed for good waits for a person: derived from the catalog, for the stack and the operator's tools."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.catalog import CATALOG, Commits, DeadLetters, Function, Queue, Route, Schedule

STACK_NAME = "AgentRuntime"
COMMITS = "commits"
"""The kind of dead letters that name commits; every other kind is called after its queue or its function."""


@dataclass(frozen=True)
class DeadEnd:
    """One kind of dead letters.

    Attributes:
        kind: What the operator calls it.
        row: The function whose work did not succeed.
    """

    kind: str
    row: Function

    @property
    def url_output(self) -> str:
        """The stack's output with the address of the queue where they wait.

        >>> DeadEnd("sweep_approvals", CATALOG[-1]).url_output
        'SweepApprovalsDeadLettersUrl'
        """
        return f"{_pascal(self.kind)}DeadLettersUrl"

    @property
    def origin_output(self) -> str | None:
        """The stack's output with the address of the queue that they came from; None when they came from none.

        >>> DeadEnd("turns", next(row for row in CATALOG if row.name == "run_turn")).origin_output
        'TurnsQueueUrl'
        """
        return f"{_pascal(self.kind)}QueueUrl" if isinstance(self.row.trigger, Queue) else None

    @property
    def meaning(self) -> str:
        """What a dead letter of this kind is, in a sentence."""
        match self.row.trigger:
            case Commits():
                return "A commit whose facts the bus did not take."
            case Queue():
                return f"A fact that {self.row.name} could not handle, nor anything behind it."
            case _:
                return f"A tick of the clock at which {self.row.name} failed."


def dead_ends() -> tuple[DeadEnd, ...]:
    """Return every kind, in the order of the catalog."""
    return tuple(_of_catalog())


def function_name(row: Function, stack: str = STACK_NAME) -> str:
    """Return what a function is called in the cloud."""
    return f"{stack}-{row.name}"


def _of_catalog() -> Iterator[DeadEnd]:
    for row in CATALOG:
        match row.trigger:
            case Commits():
                yield DeadEnd(COMMITS, row)
            case Queue(name=name):
                yield DeadEnd(name, row)
            case Schedule():
                yield DeadEnd(row.name, row)
            case Route():
                """The client is told, and asks again."""
            case DeadLetters():
                """What fails here too ends where the queue's own does."""


def _pascal(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.replace("-", "_").split("_"))
