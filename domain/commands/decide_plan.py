"""Let a plan that stopped go on, go on without a subtask, or give it up."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from domain.cqrs import Command, OfSession
from domain.model.draft import Draft
from domain.model.plan import Plan
from domain.queries.get_plan import PlanDTO
from domain.services import plans
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


class PlanAction(StrEnum):
    """What becomes of a plan."""

    RETRY = "retry"
    SKIP = "skip"
    CANCEL = "cancel"


class DecidePlanCommand(OfSession, Command):
    """Decide how the plan goes on.

    Attributes:
        action: Try the subtask that failed again, go on without one, or give the plan up.
        subtask_id: Which to retry or skip; the one that failed when left out. Not for `cancel`.
    """

    # What the validator says, for the description of the API.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["action"], "properties": {"action": {"enum": ["retry", "skip"]}}},
                {"required": ["action"], "properties": {"action": {"const": "cancel"}, "subtask_id": {"type": "null"}}},
            ]
        }
    )

    action: PlanAction
    subtask_id: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")] | None = None

    @model_validator(mode="after")
    def _cancels_a_whole_plan(self) -> Self:
        if self.action is PlanAction.CANCEL and self.subtask_id is not None:
            raise ValueError("a plan is cancelled as a whole: leave subtask_id out")
        return self


class DecidePlanHandler:
    """Retries, skips or cancels; 3 requests, since the plan is read beside the session.

    Raises `SubtaskRetried`, `SubtaskSkipped`, `PlanCompleted`, `PlanCancelled`; for the subtask that starts
    `SubtaskStarted`, `MessageAdded` and `TurnRequested`; for one that is given up at work `SubtaskFailed`,
    `TurnCancelled` and `ToolCallCancelled`.
    """

    def __init__(self, sessions: SessionManagementService) -> None:
        self._sessions = sessions

    def handle(self, command: DecidePlanCommand) -> PlanDTO:
        """Carry the decision out and return the plan.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            PlanNotFound: the session has never had a plan.
            SessionInactive: the session takes no commands.
            PlanState: the plan is not approved or is over, or the subtask has not failed, or is at work or finished.
            SessionBusy: too many write at once.
        """

        def decide(draft: Draft) -> PlanDTO:
            plans.must_exist(draft)
            draft.must_be_active()
            return PlanDTO.of(_decided(draft, command))

        return self._sessions.change(command, command.key, decide, WholeAnswers(PlanDTO))


def _decided(draft: Draft, command: DecidePlanCommand) -> Plan:
    match command.action:
        case PlanAction.RETRY:
            return plans.retry(draft, command.subtask_id)
        case PlanAction.SKIP:
            return plans.skip(draft, command.subtask_id)
        case PlanAction.CANCEL:
            return plans.cancel(draft)
