"""Decide what a person is asked."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from domain.cqrs import Command, OfSession
from domain.model.approval import Approval, ApprovalStatus, call_id_of
from domain.model.draft import Draft
from domain.model.errors import (
    ApprovalAlreadyDecided,
    ApprovalExpired,
    ApprovalNotFound,
    FieldError,
    InvalidInput,
)
from domain.model.policy import RequestType
from domain.model.session import Session
from domain.model.value import JsonObject
from domain.queries.list_approvals import ApprovalDTO
from domain.services import approvals
from domain.services.call_checks import MAX_ARGUMENT_BYTES, Unfit, as_given, parse
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService
from domain.services.toolbox import Toolboxes

EDITED = "modified_arguments"


class Decide(StrEnum):
    """What the person says."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"


class DecideApprovalCommand(OfSession, Command):
    """Decide an approval.

    Attributes:
        approval_id: As the call names it.
        decision: What the person says.
        modified_arguments: With `edit` of a tool: what to run instead; they must fit the tool.
        feedback: In the person's own words; with `edit` of a plan what shall be different.
    """

    # What the validator says, for the description of the API.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "required": ["decision"],
                    "properties": {
                        "decision": {"enum": ["approve", "reject"]},
                        "modified_arguments": {"type": "null"},
                    },
                },
                {
                    "required": ["decision", "modified_arguments"],
                    "properties": {"decision": {"const": "edit"}, "modified_arguments": {"type": "object"}},
                },
                {
                    "required": ["decision", "feedback"],
                    "properties": {"decision": {"const": "edit"}, "feedback": {"type": "string"}},
                },
            ]
        }
    )

    approval_id: Annotated[str, Field(min_length=1, max_length=64)]
    decision: Decide
    modified_arguments: JsonObject | None = None
    feedback: Annotated[str, Field(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _edits_with_what_it_needs(self) -> Self:
        if self.modified_arguments is not None and self.decision is not Decide.EDIT:
            raise ValueError("modified_arguments belong to the decision edit")
        if self.decision is Decide.EDIT and self.modified_arguments is None and self.feedback is None:
            raise ValueError("edit needs modified_arguments, for a plan feedback")
        return self


class DecideApprovalHandler:
    """Decides an approval; 2 requests. A decision has one winner.

    Raises `ApprovalGranted`, `ApprovalEdited` or `ApprovalRejected`; `TurnWaiting` when the turn waits for something
    else from then on, `MessageAdded` and `TurnRequested` when the call is closed. A decision that comes too late writes
    what time has decided, `ApprovalExpired`, before it is refused.
    """

    def __init__(self, sessions: SessionManagementService, toolboxes: Toolboxes) -> None:
        self._sessions = sessions
        self._toolboxes = toolboxes

    def handle(self, command: DecideApprovalCommand) -> ApprovalDTO:
        """Decide and return the approval.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            ApprovalNotFound: no such approval in this session.
            SessionInactive: the session takes no commands.
            ApprovalAlreadyDecided: it was decided or cancelled before.
            ApprovalExpired: it was not decided in time.
            InvalidInput: `edit` without what it needs, or with arguments that do not fit the tool.
            SessionBusy: too many write at once.
        """

        def decide(draft: Draft, approval: Approval | None) -> ApprovalDTO:
            if approval is None:
                raise ApprovalNotFound
            draft.must_be_active()
            if approval.status is ApprovalStatus.EXPIRED:
                raise ApprovalExpired
            if approval.status is not ApprovalStatus.PENDING:
                raise ApprovalAlreadyDecided
            if approval.status_at(draft.at) is ApprovalStatus.EXPIRED:
                approvals.expire(draft, approval)
            else:
                self._decide(draft, approval, command)
            return ApprovalDTO.of(draft.decision_on(approval), draft.at)

        call_id = call_id_of(command.approval_id)
        decided = self._sessions.change_approval(command, command.key, call_id, decide, WholeAnswers(ApprovalDTO))
        # What time has decided is committed, and remembered under the key, before it is refused.
        if decided.status is ApprovalStatus.EXPIRED:
            raise ApprovalExpired
        return decided

    def _decide(self, draft: Draft, approval: Approval, command: DecideApprovalCommand) -> None:
        match command.decision:
            case Decide.APPROVE:
                approvals.grant(draft, approval, command.user, command.feedback)
            case Decide.EDIT if approval.request_type is RequestType.PLAN:
                approvals.revise(draft, approval, command.user, _wishes(command))
            case Decide.EDIT:
                edited = self._edited(draft.session, approval, command)
                approvals.edit(draft, approval, command.user, edited, command.feedback)
            case Decide.REJECT:
                approvals.reject(draft, approval, command.user, command.feedback)

    def _edited(self, session: Session, approval: Approval, command: DecideApprovalCommand) -> JsonObject:
        """Return the person's arguments, held to the rules that the agent's own were held to."""
        if command.modified_arguments is None:
            raise InvalidInput(FieldError(field=EDITED, message="edit needs them"))
        toolbox = self._toolboxes.of(session.agent.current_agent, self._toolboxes.settings(session))
        tool = toolbox.find(approval.subject)
        if tool is None:
            raise InvalidInput(FieldError(field=EDITED, message="the agent does not have this tool any more"))
        try:
            parsed = parse(tool, command.modified_arguments, toolbox.agent, most_bytes=MAX_ARGUMENT_BYTES)
        except Unfit as unfit:
            raise InvalidInput(FieldError(field=EDITED, message=unfit.detail)) from None
        return as_given(parsed)


def _wishes(command: DecideApprovalCommand) -> str:
    """Return what the person wants changed in a plan, which the architect makes anew."""
    if command.feedback is None or command.modified_arguments is not None:
        raise InvalidInput(FieldError(field="feedback", message="a plan is edited by feedback, and by nothing else"))
    return command.feedback
