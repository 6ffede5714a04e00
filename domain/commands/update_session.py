"""Change a session's settings."""

from typing import Self

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from domain.cqrs import Command, OfSession
from domain.model.draft import Draft
from domain.model.errors import FieldError, InvalidInput
from domain.model.events.session import SessionDeactivated, SessionReactivated, SessionUpdated
from domain.model.json_values import check_size
from domain.model.policy import Rule, Rules
from domain.model.settings import SessionSettings
from domain.ports import SessionRepository
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
        policies: In place of the session's rules, at most 50; with the session's tools, at most 32 KB as JSON. They
            hold from the next worker on that takes the session.
    """

    # What the validator says, for the description of the API.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["title"], "properties": {"title": {"type": "string"}}},
                {"required": ["is_active"], "properties": {"is_active": {"type": "boolean"}}},
                {"required": ["policies"], "properties": {"policies": {"type": "array"}}},
            ]
        }
    )

    title: Title | None = None
    is_active: bool | None = None
    policies: Rules | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.title is None and self.is_active is None and self.policies is None:
            raise ValueError("give title, is_active or policies")
        return self


class UpdateSessionHandler:
    """Changes title, policies and activity; 2 requests, and one more for policies in place of tools or others.

    What is already as asked for is not told again.

    Raises `SessionUpdated`, `SessionDeactivated`, `SessionReactivated`; on deactivation also `TurnCancelled` and
    `ToolCallCancelled` for what was in progress.
    """

    def __init__(self, sessions: SessionManagementService, stored: SessionRepository) -> None:
        self._sessions = sessions
        self._stored = stored

    def handle(self, command: UpdateSessionCommand) -> SessionDTO:
        """Change the session and return it.

        Raises:
            SessionNotFound: no such session of this user.
            InvalidInput: the policies do not fit beside the session's tools.
            IdempotencyKeyReused: the key came before with another request.
            SessionInactive: the session is not active and this does not activate it.
            SessionBusy: too many write at once.
        """

        def decide(draft: Draft) -> SessionDTO:
            session = draft.session
            if not command.is_active:
                draft.must_be_active()
            if command.is_active and not session.is_active:
                draft.change(is_active=True)
                draft.record(SessionReactivated())
            fields = (*self._retitled(draft, command.title), *self._ruled(draft, command.policies))
            if fields:
                draft.record(SessionUpdated(fields=fields))
            if command.is_active is False:
                turns.cancel_all(draft)
                draft.change(is_active=False)
                draft.record(SessionDeactivated())
            return SessionDTO.of(draft.session)

        return self._sessions.change(command, command.key, decide, WholeAnswers(SessionDTO))

    @staticmethod
    def _retitled(draft: Draft, title: str | None) -> tuple[str, ...]:
        if title is None or title == draft.session.title:
            return ()
        draft.change(title=title)
        return ("title",)

    def _ruled(self, draft: Draft, policies: tuple[Rule, ...] | None) -> tuple[str, ...]:
        if policies is None:
            return ()
        session = draft.session
        stored = self._stored.settings(session.key) if session.has_settings else SessionSettings()
        settings = SessionSettings(tools=stored.tools, policies=policies)
        # To Python, true is 1.
        if settings.model_dump_json() == stored.model_dump_json():
            return ()
        try:
            check_size(settings.as_json())
        except PydanticCustomError as error:
            raise InvalidInput(FieldError(field="policies", message=error.message())) from None
        draft.replace_settings(settings)
        return ("policies",)
