"""Change a session's settings."""

from typing import Self

from pydantic import ConfigDict, model_validator

from domain.cqrs import Command, OfSession
from domain.model.draft import Draft
from domain.model.errors import SessionInactive
from domain.model.events.session import SessionDeactivated, SessionReactivated, SessionUpdated
from domain.queries.get_session import SessionDTO
from domain.services import turns
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService
from domain.services.titles import Title


class UpdateSessionCommand(OfSession, Command):
    """Change settings; what is left out stays as it is.

    Attributes:
        title: 1–255 characters and at most 400 bytes, after trimming.
        is_active: False refuses further commands and stops what is in progress; True takes commands again.
    """

    # What the validator says, for the description of the API.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["title"], "properties": {"title": {"type": "string"}}},
                {"required": ["is_active"], "properties": {"is_active": {"type": "boolean"}}},
            ]
        }
    )

    title: Title | None = None
    is_active: bool | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.title is None and self.is_active is None:
            raise ValueError("give title, is_active, or both")
        return self


class UpdateSessionHandler:
    """Changes title and activity; 2 requests. What is already as asked for is not told again.

    Raises `SessionUpdated`, `SessionDeactivated`, `SessionReactivated`; on deactivation also `TurnCancelled` and
    `ToolCallCancelled` for what was in progress.
    """

    def __init__(self, sessions: SessionManagementService) -> None:
        self._sessions = sessions

    def handle(self, command: UpdateSessionCommand) -> SessionDTO:
        """Change the session and return it.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            SessionInactive: the session is not active and this does not activate it.
            SessionBusy: too many write at once.
        """

        def decide(draft: Draft) -> SessionDTO:
            session = draft.session
            if not session.is_active and not command.is_active:
                raise SessionInactive
            if command.is_active and not session.is_active:
                draft.change(is_active=True)
                draft.record(SessionReactivated())
            if command.title is not None and command.title != session.title:
                draft.change(title=command.title)
                draft.record(SessionUpdated(fields=("title",)))
            if command.is_active is False:
                turns.cancel_all(draft)
                draft.change(is_active=False)
                draft.record(SessionDeactivated())
            return SessionDTO.of(draft.session)

        return self._sessions.change(command, command.key, decide, WholeAnswers(SessionDTO))
