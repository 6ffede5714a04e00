"""Choose the agent that speaks."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.cqrs import Command, OfSession
from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.errors import AgentSwitchError, SessionBusy
from domain.model.events.agent import SwitchReason
from domain.queries.get_agent_context import AgentContextDTO
from domain.services import turns
from domain.services.deployment import Deployment
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService


class OnBusySwitch(StrEnum):
    """What a switch does while the session is at work; it cannot wait, since it would change what was asked for."""

    REJECT = "reject"
    INTERRUPT = "interrupt"


class SwitchAgentCommand(OfSession, Command):
    """Choose the agent.

    Attributes:
        target_agent: Who speaks from now on.
        reason: In the user's own words.
        confidence: How sure the chooser is.
        on_busy: What happens when the session is at work.
    """

    target_agent: AgentType
    reason: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    on_busy: OnBusySwitch = OnBusySwitch.REJECT


class SwitchAgentHandler:
    """Switches the agent; 2 requests. Raises `AgentSwitched`; on interruption also `TurnCancelled` and its calls."""

    def __init__(self, sessions: SessionManagementService, deployment: Deployment) -> None:
        self._sessions = sessions
        self._deployment = deployment

    def handle(self, command: SwitchAgentCommand) -> AgentContextDTO:
        """Switch and return the agent context.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            SessionInactive: the session takes no commands.
            SessionBusy: a turn is in progress and `on_busy` is reject, or too many write at once.
            AgentSwitchError: there is no such agent in this deployment, or it speaks already.
        """

        def decide(draft: Draft) -> AgentContextDTO:
            session = draft.session
            draft.must_be_active()
            if command.target_agent not in self._deployment.agents:
                raise AgentSwitchError
            if command.target_agent is session.agent.current_agent:
                raise AgentSwitchError("This agent speaks already.")
            if session.turn.status not in turns.ENDED:
                if command.on_busy is OnBusySwitch.REJECT:
                    raise SessionBusy(retry_after_seconds=turns.BUSY_RETRY_SECONDS)
                turns.cancel(draft)
            turns.switch_agent(
                draft,
                command.target_agent,
                SwitchReason.USER,
                confidence=command.confidence,
                note=command.reason,
            )
            turns.request_next(draft)
            return AgentContextDTO.of(draft.session)

        return self._sessions.change(command, command.key, decide, WholeAnswers(AgentContextDTO))
