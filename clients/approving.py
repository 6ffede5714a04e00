"""The server's approvals, decided here."""

import json
from collections.abc import Callable
from functools import partial
from typing import Protocol

from clients.api import AgentRuntimeApi
from clients.approval_views import Approval
from clients.consent import Consent, Decision, Question
from clients.problems import ApiProblem
from clients.tools.outcome import ToolFailed
from clients.tools.tool import Proposal
from clients.views import JsonObject
from clients.workspace import Workspace

_TOO_LATE = {
    "APPROVAL_EXPIRED": "Too late: the approval has expired and counts as rejected.",
    "APPROVAL_ALREADY_DECIDED": "It has been decided already, elsewhere.",
    "APPROVAL_NOT_FOUND": "It is not waiting for a decision any more.",
    "TOOL_CALL_CLOSED": "The call is not wanted any more.",
}
_UNFIT = frozenset({400, 413, 422})
_LONGEST_FEEDBACK = 2000


class Approver(Protocol):
    """Who decides what the server asks."""

    def decide(self, approval: Approval) -> Decision | None:
        """Return what is decided; None leaves it to others."""
        ...

    def tell(self, sentence: str) -> None:
        """Take notice that a decision did not count, or has to be made again."""
        ...


class AskingApprover:
    """Shows what a call would do here, and leaves the rest to a consent.

    What cannot be carried out in the folder anyway is rejected without asking.
    """

    def __init__(self, workspace: Workspace, consent: Consent, tell: Callable[[str], None]) -> None:
        """Judge by `workspace`, ask `consent`, complain to `tell`."""
        self._workspace = workspace
        self._consent = consent
        self._tell = tell

    def decide(self, approval: Approval) -> Decision | None:
        """Ask."""
        if approval.request_type == "plan":
            return self._consent.decide(_about_plan(approval))
        question = self._question(approval, approval.arguments)
        if isinstance(question, ToolFailed):
            return Decision("reject", f"This cannot be carried out here: {question.error}"[:_LONGEST_FEEDBACK])
        return self._consent.decide(question)

    def tell(self, sentence: str) -> None:
        """Pass it on."""
        self._tell(sentence)

    def _question(self, approval: Approval, arguments: JsonObject) -> Question | ToolFailed:
        proposal = self._workspace.propose(approval.subject, arguments)
        if isinstance(proposal, ToolFailed):
            return proposal
        likeness, likes = _likeness(approval.subject, arguments)
        return Question(
            proposal or _about_call(approval.subject, arguments),
            arguments,
            approval_id=approval.id,
            expires_at=approval.expires_at,
            likeness=likeness,
            likes=likes,
            revise=partial(self._question, approval),
        )


def settle(api: AgentRuntimeApi, session_id: str, approval: Approval, approver: Approver) -> Approval | None:
    """Have an approval decided, and send that.

    A decision that does not fit (arguments outside the tool's schema) is told and asked for again; one that comes too
    late is told.

    Returns:
        The approval as decided; None when nothing was decided here.

    Raises:
        ApiProblem: the server refuses in any other way.
    """
    while True:
        decision = approver.decide(approval)
        if decision is None:
            return None
        try:
            return api.decide_approval(
                session_id,
                approval.id,
                decision.verdict,
                modified_arguments=decision.modified_arguments,
                feedback=decision.feedback,
            )
        except ApiProblem as problem:
            if problem.code in _TOO_LATE:
                approver.tell(_TOO_LATE[problem.code])
                return None
            if problem.status not in _UNFIT or decision.verdict != "edit":
                raise
            fields = "".join(f"; {error.field}: {error.message}" for error in problem.errors)
            approver.tell(f"The server does not take that: {problem.detail.rstrip('.')}{fields}.")


def _likeness(tool: str, arguments: JsonObject) -> tuple[tuple[str, ...], str]:
    """Return what further calls have to share to be like this one, and the same in words.

    A command can do anything, so the like of it is the same command in the same folder.
    """
    if tool == "execute_command":
        return (tool, json.dumps(dict(arguments), sort_keys=True)), "this same command"
    return (tool,), f"every {tool}"


def _about_call(tool: str, arguments: JsonObject) -> Proposal:
    return Proposal(f"Call the tool `{tool}`.", json.dumps(dict(arguments), ensure_ascii=False, indent=2))


def _about_plan(approval: Approval) -> Question:
    steps = approval.arguments.get("subtasks") or ()
    lines = [str(approval.arguments.get("description", ""))]
    for place, step in enumerate(steps):
        before = ", ".join(_step_number(one) for one in step.get("dependencies") or ())
        lines.append(
            f"{place + 1}. {step['title']} ({step['agent']}, {step['estimated_time_minutes']} min"
            f"{f', after {before}' if before else ''})"
        )
        lines.append(f"   {step['description']}")
    title = f"Carry out the plan «{approval.subject}»: {len(steps)} step{'' if len(steps) == 1 else 's'}."
    return Question(
        Proposal(title, "\n".join(lines)),
        approval.arguments,
        kind="plan",
        approval_id=approval.id,
        expires_at=approval.expires_at,
    )


def _step_number(dependency: object) -> str:
    """Return the number by which a step is shown; the architect counts from 0, people from 1."""
    return str(dependency + 1) if isinstance(dependency, int) else str(dependency)
