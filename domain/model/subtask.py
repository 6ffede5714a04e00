"""A subtask: a piece of a plan that one agent does."""

from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.value import Value, json_bytes

RESULT_CHARACTERS = 2000
RESULT_BYTES = 5000
"""Of a result as JSON, so that fifty of them fit an item (400 KB) beside 100 KB of planned text."""


class SubtaskStatus(StrEnum):
    """Where a subtask stands; `done` and `skipped` it never leaves, and out of `failed` only the user leads it."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


FINISHED = frozenset({SubtaskStatus.DONE, SubtaskStatus.SKIPPED})
"""Of these a later subtask may depend."""


class Subtask(Value):
    """A piece of a plan that one agent does.

    Attributes:
        id: `1`, `2`, `3`… within its plan.
        agent: Who does it.
        estimated_time_minutes: As the planner guessed, at least 1.
        dependencies: Ids of earlier subtasks that must be finished before it begins.
        attempts: Times it was started and not interrupted since it was planned or the user last retried it.
        turn: The turn that does it, or did it last; None before the first, and while it waits for an answer of the
            user.
        result: The beginning of its answer, at most 2000 characters and 5000 bytes; None until it is done.
        error: Why it failed, as a turn's error code or `CANCELLED`; None unless its last attempt did.
    """

    id: str
    title: str
    description: str
    agent: AgentType
    estimated_time_minutes: int
    dependencies: tuple[str, ...] = ()
    status: SubtaskStatus = SubtaskStatus.PENDING
    attempts: int = 0
    turn: int | None = None
    result: str | None = None
    error: str | None = None


class Progress(Value):
    """How far a plan is, in subtasks.

    Attributes:
        percentage: Of those done or skipped, rounded down: 100 exactly when all are.
    """

    total: int
    done: int
    failed: int
    skipped: int
    running: int
    pending: int
    percentage: int


def beginning_of(answer: str) -> str:
    """Return as much of an answer as a plan keeps of it.

    >>> len(beginning_of("x" * 9000)), len(beginning_of("語" * 9000))
    (2000, 1500)
    """
    beginning = answer[:RESULT_CHARACTERS]
    while json_bytes(beginning) > RESULT_BYTES:
        beginning = beginning[: len(beginning) * 3 // 4]
    return beginning
