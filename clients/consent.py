"""Between a model and the machine: nothing is changed that nobody allowed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from clients.tools.outcome import Outcome, ToolFailed
from clients.tools.tool import Proposal
from clients.views import JsonObject
from clients.workspace import Workspace


@dataclass(frozen=True)
class Decision:
    """What was decided.

    Attributes:
        verdict: What becomes of it.
        feedback: What the model is told; a plan that is edited needs it.
        modified_arguments: What an edited call is to be executed with.
        is_lasting: Whether the like of it is approved for the rest of the run.
    """

    verdict: Literal["approve", "edit", "reject"]
    feedback: str | None = None
    modified_arguments: JsonObject | None = None
    is_lasting: bool = False


GRANTED = Decision("approve")
NOBODY_TO_ASK = Decision(
    "reject", "Nobody is there to be asked, and changes were not allowed beforehand. Answer without them."
)


def refused_by_user(reason: str) -> Decision:
    """Return a person's refusal.

    >>> refused_by_user(" use the other file").feedback, refused_by_user("").feedback
    ('use the other file', None)
    """
    return Decision("reject", reason.strip() or None)


@dataclass(frozen=True)
class Question:
    """What somebody is to decide about.

    Attributes:
        proposal: What would be done, for a person.
        arguments: What it would be done with.
        kind: A tool's call, or a plan.
        approval_id: The server's name for it; None when the question is only asked here.
        expires_at: From when on the server counts it as rejected; None when it does not.
        likeness: What it has in common with others of its like; None when each is to be asked about.
        likes: The same in words, for a person.
        revise: Returns the question that other arguments would be, or why they cannot be; None when they must stay.
    """

    proposal: Proposal
    arguments: JsonObject
    kind: Literal["tool", "plan"] = "tool"
    approval_id: str | None = None
    expires_at: datetime | None = None
    likeness: tuple[str, ...] | None = None
    likes: str = ""
    revise: Callable[[JsonObject], "Question | ToolFailed"] | None = None


class Consent(Protocol):
    """Who decides."""

    def decide(self, question: Question) -> Decision | None:
        """Return what is decided; None when it has been decided elsewhere, or is no question any more."""
        ...


class AllowAll:
    """Everything was allowed beforehand."""

    def decide(self, _question: Question) -> Decision:
        """Allow it."""
        return GRANTED


class AllowNothing:
    """Nobody is there to be asked."""

    def decide(self, _question: Question) -> Decision:
        """Refuse it."""
        return NOBODY_TO_ASK


@dataclass(frozen=True)
class Allowances:
    """What a person has allowed for the rest of the run."""

    _likenesses: set[tuple[str, ...]] = field(default_factory=set)

    def over(self, consent: Consent) -> Consent:
        """Return who grants what is allowed already, and leaves the rest to `consent`."""
        return _Lasting(self._likenesses, consent)


class _Lasting:
    """A consent with memory."""

    def __init__(self, likenesses: set[tuple[str, ...]], consent: Consent) -> None:
        self._likenesses = likenesses
        self._consent = consent

    def decide(self, question: Question) -> Decision | None:
        if question.likeness in self._likenesses:
            return GRANTED
        decision = self._consent.decide(question)
        if decision is not None and decision.is_lasting and question.likeness is not None:
            self._likenesses.add(question.likeness)
            return replace(decision, is_lasting=False)
        return decision


class AskFirst:
    """An executor that asks before a call that changes something, and carries out exactly what was shown.

    For calls that the server lets pass without an approval.
    """

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
            decision = self._consent.decide(Question(proposal, arguments))
            if decision is None or decision.verdict != "approve":
                reason = None if decision is None else decision.feedback
                return ToolFailed(f"refused: {reason or 'no reason given'}")
        return self._workspace.execute(tool, arguments)
