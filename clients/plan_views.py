"""A plan, as the server tells it."""

from dataclasses import dataclass

from clients.views import JsonObject

_OVER = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True)
class Subtask:
    """One step of a plan.

    Attributes:
        agent: Who carries it out.
        status: `pending`, `running`, `done`, `failed` or `skipped`.
        dependencies: Ids of the steps that come before.
        minutes: What the architect thinks it takes.
        error: Why it failed, None unless it did.
    """

    id: str
    title: str
    description: str
    agent: str
    status: str
    dependencies: tuple[str, ...]
    minutes: int
    error: str | None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Subtask":
        """Read one of a plan's `subtasks`."""
        return cls(
            id=str(raw["id"]),
            title=str(raw["title"]),
            description=str(raw["description"]),
            agent=str(raw["agent"]),
            status=str(raw["status"]),
            dependencies=tuple(str(one) for one in raw.get("dependencies") or ()),
            minutes=int(raw["estimated_time_minutes"]),
            error=raw.get("error"),
        )


@dataclass(frozen=True)
class Plan:
    """A plan as it stands.

    Attributes:
        status: `draft`, `approved`, `in_progress`, `completed`, `failed` or `cancelled`.
        subtasks: In the architect's order.
        done: Steps that are done.
        total: Steps in all.
        percentage: How far it is, 0 to 100, as the server counts.
    """

    id: str
    title: str
    description: str
    status: str
    subtasks: tuple[Subtask, ...]
    done: int
    total: int
    percentage: float

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.status in _OVER

    def place(self, subtask_id: str) -> tuple[int, Subtask] | None:
        """Return a step and its place, from 1; None when it is not of this plan."""
        return next(((place, one) for place, one in enumerate(self.subtasks, 1) if one.id == subtask_id), None)

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Plan":
        """Read the contract's Plan."""
        progress = raw["progress"]
        return cls(
            id=str(raw["id"]),
            title=str(raw["title"]),
            description=str(raw["description"]),
            status=str(raw["status"]),
            subtasks=tuple(Subtask.from_json(one) for one in raw["subtasks"]),
            done=int(progress["done"]),
            total=int(progress["total"]),
            percentage=float(progress["percentage"]),
        )
