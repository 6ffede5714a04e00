"""What a walk has covered of what there is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clients.views import Event
from domain.model.approval import ApprovalStatus
from domain.model.events import FACTS
from domain.model.tools import TOOLS
from functions.catalog import CATALOG, Route

_DEAD_WORKER = "a worker has to die; tests/e2e/test_recovery.py kills one"
_DEAD_MODEL = "the model has to fail for everybody; tests/e2e/test_models.py lets it"
NOT_PROVOKED: Mapping[str, str] = {
    "LockLost": _DEAD_WORKER,
    "TurnRecovered": _DEAD_WORKER,
    "ModelCircuitOpened": _DEAD_MODEL,
    "ModelCircuitClosed": _DEAD_MODEL,
}
"""Facts that no client can bring about, and who does."""
LEAST_KINDS = 21
"""Kinds of facts that a session which uses everything has more than twenty of."""


@dataclass(frozen=True)
class Coverage:
    """One kind of thing.

    Attributes:
        subject: What is counted.
        expected: All there are.
        seen: Those the walk met.
        excused: Those it need not meet, with the reason.
    """

    subject: str
    expected: frozenset[str]
    seen: frozenset[str]
    excused: Mapping[str, str]

    @property
    def missing(self) -> frozenset[str]:
        """Those it should have met."""
        return self.expected - self.seen - self.excused.keys()

    @property
    def left_out(self) -> Mapping[str, str]:
        """Those it has not met and need not, with the reason."""
        return {name: reason for name, reason in self.excused.items() if name not in self.seen}


def covered(
    operations: Iterable[str], approval_statuses: Iterable[str], events: Iterable[Event]
) -> tuple[Coverage, ...]:
    """Return what was covered of the catalog's operations, the tools, the states of an approval, and the facts.

    Args:
        operations: By their names in the catalog.
        approval_statuses: As approvals were seen.
        events: Of the session; a tool counts once a call of it was completed.
    """
    told = list(events)
    tools = {str(event.fields["tool"]) for event in told if event.type == "ToolCallCompleted"}
    return (
        _of("operations", (row.name for row in CATALOG if isinstance(row.trigger, Route)), operations),
        _of("tools", TOOLS, tools),
        _of("states of an approval", ApprovalStatus, approval_statuses),
        _of("facts", FACTS, (event.type for event in told), NOT_PROVOKED),
    )


def _of(
    subject: str, expected: Iterable[str], seen: Iterable[str], excused: Mapping[str, str] | None = None
) -> Coverage:
    # Names only: an operation of a client that the catalog does not have counts for nothing.
    names = frozenset(map(str, expected))
    return Coverage(subject, names, names & frozenset(seen), excused or {})
