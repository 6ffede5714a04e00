"""What a session is to a client between two commits, in plain Python that knows nothing of the product's code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

ENDED = frozenset({"idle", "failed"})
CLOSED_PLANS = frozenset({"completed", "cancelled"})
FINAL_CALLS = frozenset({"done", "failed", "refused", "rejected", "expired", "cancelled"})


class Impossible(Exception):  # noqa: N818  # says what a session that obeys its rules never does
    """A fact that no sequential session would tell in this state."""


@dataclass(frozen=True)
class Subtask:
    """A subtask; it has no agent before its first turn, and no turn then or while it waits for the user."""

    agent: str = ""
    status: str = "pending"
    attempts: int = 0
    turn: int | None = None


@dataclass(frozen=True)
class Plan:
    """The newest plan of a session; its subtasks by their ids, in order."""

    id: str
    call_id: str
    status: str
    subtasks: Mapping[str, Subtask]

    @property
    def running(self) -> str | None:
        """Id of the subtask that runs; None when none does."""
        return next((name for name, subtask in self.subtasks.items() if subtask.status == "running"), None)

    def with_subtask(self, name: str, **fields: Any) -> "Plan":
        """Return the plan with fields of one subtask changed."""
        return replace(self, subtasks={**self.subtasks, name: replace(self.subtasks[name], **fields)})


@dataclass(frozen=True)
class State:
    """A session between two commits.

    Attributes:
        calls: Status of every call that was ever open, by its id.
        approvals: Status of every approval, by its id, oldest first.
        receipts: Which operation a key was first used for, by route and key.
    """

    exists: bool = False
    title: str | None = None
    is_active: bool = True
    agent: str = ""
    switches: int = 0
    turn: int = 0
    status: str = "idle"
    last_turn: int = 0
    messages: int = 0
    last_seq: int = 0
    calls: Mapping[str, str] = field(default_factory=dict)
    approvals: Mapping[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    receipts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def open_calls(self) -> list[str]:
        """Ids of the calls that have not ended."""
        return [call_id for call_id, status in self.calls.items() if status not in FINAL_CALLS]

    @property
    def open_plan(self) -> Plan | None:
        """The plan, as long as anything can still happen to it."""
        return None if self.plan is None or self.plan.status in CLOSED_PLANS else self.plan

    @property
    def planned(self) -> Plan:
        """The plan, of which a fact tells something."""
        if self.plan is None:
            raise Impossible("a fact about a plan that nobody proposed")
        return self.plan
