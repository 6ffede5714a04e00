"""Say something in a session."""

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.cqrs import Command, OfSession
from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.ports import ContentStore
from domain.queries.list_messages import MessageDTO
from domain.services import turns
from domain.services.deployment import Deployment
from domain.services.receipts import MessageAnswers
from domain.services.session_management import SessionManagementService
from domain.services.turns import OnBusy


def _not_blank(content: str) -> str:
    if not content.strip():
        raise ValueError("a message must not be blank")
    return content


class AddMessageCommand(OfSession, Command):
    """Say something.

    Attributes:
        content: 1–100 000 characters, not blank.
        agent: Who answers this and later messages; whoever is current, or routing, when left out.
        on_busy: What happens when the session is at work.
    """

    content: Annotated[
        str,
        Field(min_length=1, max_length=100_000, json_schema_extra={"pattern": r"\S"}),
        AfterValidator(_not_blank),
    ]
    agent: AgentType | None = None
    on_busy: OnBusy = OnBusy.ENQUEUE


class AddMessageHandler:
    """Stores a user message, for which a turn is owed from then on; 2 requests.

    Raises `MessageAdded` and `TurnRequested`; when it ends what was in progress also `TurnCancelled` and
    `ToolCallCancelled`.
    """

    def __init__(
        self,
        sessions: SessionManagementService,
        contents: ContentStore,
        answers: MessageAnswers,
        deployment: Deployment,
    ) -> None:
        self._sessions = sessions
        self._contents = contents
        self._answers = answers
        self._deployment = deployment

    def handle(self, command: AddMessageCommand) -> MessageDTO:
        """Store the message and return it.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            SessionInactive: the session takes no commands.
            AgentSwitchError: there is no such agent in this deployment.
            SessionBusy: a turn is in progress and `on_busy` is reject, or too many write at once.
        """

        def decide(draft: Draft) -> MessageDTO:
            message = turns.accept_message(
                draft, command.content, agent=command.agent, on_busy=command.on_busy, deployment=self._deployment
            )
            return MessageDTO.of(message, command.key, self._contents)

        return self._sessions.change(command, command.key, decide, self._answers)
