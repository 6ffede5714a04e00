"""Between a model and the machine: nothing is changed that nobody allowed."""

from dataclasses import dataclass
from typing import Protocol

from clients.tools.outcome import Outcome, ToolFailed
from clients.tools.tool import Proposal
from clients.views import JsonObject
from clients.workspace import Workspace


@dataclass(frozen=True)
class Decision:
    """What was decided about a call.

    Attributes:
        is_granted: Whether it may run.
        refusal: What the model is told when it may not.
    """

    is_granted: bool
    refusal: str = ""


GRANTED = Decision(is_granted=True)
NOBODY_TO_ASK = Decision(
    is_granted=False,
    refusal="refused: nobody is there to be asked, and changes were not allowed beforehand. Answer without them.",
)


def refused_by_user(reason: str) -> Decision:
    """Return a person's refusal.

    >>> refused_by_user("use the other file").refusal
    'refused by the user: use the other file'
    """
    return Decision(is_granted=False, refusal=f"refused by the user: {reason.strip() or 'no reason given'}")


class Consent(Protocol):
    """Who decides. The server's approvals are to be decided here, too, so that a person answers in one place."""

    def decide(self, proposal: Proposal) -> Decision:
        """Return whether what is proposed may be done."""
        ...


class AllowAll:
    """Everything was allowed beforehand."""

    def decide(self, _proposal: Proposal) -> Decision:
        """Allow it."""
        return GRANTED


class AllowNothing:
    """Nobody is there to be asked."""

    def decide(self, _proposal: Proposal) -> Decision:
        """Refuse it."""
        return NOBODY_TO_ASK


class AskFirst:
    """An executor that asks before a call that changes something, and carries out exactly what was shown."""

    def __init__(self, workspace: Workspace, consent: Consent) -> None:
        """Ask `consent`, then let `workspace` do it."""
        self._workspace = workspace
        self._consent = consent

    def execute(self, tool: str, arguments: JsonObject) -> Outcome:
        """Return the outcome; what cannot be done is told without asking, what is refused is told as such."""
        proposal = self._workspace.propose(tool, arguments)
        if isinstance(proposal, ToolFailed):
            return proposal
        if proposal is not None:
            decision = self._consent.decide(proposal)
            if not decision.is_granted:
                return ToolFailed(decision.refusal)
        return self._workspace.execute(tool, arguments)
