"""Decide what a person is asked."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.cqrs import Command, OfSession
from domain.model.approval import Approval, call_id_of
from domain.model.draft import Draft
from domain.model.errors import (
    ApprovalExpired,
    ApprovalNotFound,
    SessionInactive,
)
from domain.model.value import JsonObject
from domain.ports import Clock
from domain.queries.list_approvals import ApprovalDTO
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


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

    approval_id: Annotated[str, Field(min_length=1, max_length=64)]
    decision: Decide
    modified_arguments: JsonObject | None = None
    feedback: Annotated[str, Field(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _has_arguments_to_edit_only(self) -> Self:
        if self.modified_arguments is not None and self.decision is not Decide.EDIT:
            raise ValueError("modified_arguments belong to the decision edit")
        return self


class DecideApprovalHandler:
    """Decides an approval; 2 requests. A decision has one winner.

    Raises `ApprovalGranted`, `ApprovalEdited` or `ApprovalRejected`; `TurnWaiting` when the turn waits for something
    else from then on, `MessageAdded` and `TurnRequested` when the call is closed. A decision that comes too late writes
    what time has decided, `ApprovalExpired`, before it is refused.
    """

    def __init__(self, sessions: SessionManagementService, gate: Gate, clock: Clock) -> None:
        self._sessions = sessions
        self._gate = gate
        self._clock = clock

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
            if not draft.session.is_active:
                raise SessionInactive
            self._check_is_pending(approval, draft)
            self._gate.decide(draft, approval, command)
            return ApprovalDTO.of(draft.decided(approval), draft.at)

        call_id = call_id_of(command.approval_id)
        receipts = WholeAnswers(ApprovalDTO)
        try:
            return self._sessions.change_approval(command, command.key, call_id, decide, receipts)
        except ApprovalExpired:
            self._write_expiry(command)
            raise
