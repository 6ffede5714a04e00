"""Give the result of a tool call that the client carried out."""

import json
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from domain.cqrs import Command, OfSession
from domain.model.change import Call
from domain.model.draft import Draft
from domain.model.errors import ApprovalRequired, ToolCallClosed, ToolCallNotFound
from domain.model.message import FINAL, CallStatus
from domain.model.value import CallId, json_bytes
from domain.ports import ContentStore
from domain.queries.list_messages import MessageDTO
from domain.services import turns
from domain.services.receipts import MessageAnswers
from domain.services.session_management import SessionManagementService


class AddToolResultCommand(OfSession, Command):
    """Give a call's result, or say why it could not be carried out; exactly one of the two.

    Attributes:
        call_id: As the message that asked for the call names it.
        result: Any JSON, null and empty values included.
        error: 1–2000 characters.
    """

    # What the validator says, for the description of the API.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["result"], "properties": {"error": {"type": "null"}}},
                {"required": ["error"], "properties": {"error": {"type": "string"}, "result": False}},
            ]
        }
    )

    call_id: Annotated[str, Field(min_length=1, max_length=64)]
    result: Any = None
    error: Annotated[str, Field(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _has_one_outcome(self) -> "AddToolResultCommand":
        try:
            json_bytes(self.result)
        except ValueError:
            raise ValueError("numbers in result must be finite") from None
        if ("result" in self.model_fields_set) == (self.error is not None):
            raise ValueError("give either result or error")
        return self

    @property
    def content(self) -> str:
        """The result as the model reads it: a string as it is, everything else as JSON."""
        if self.error is not None:
            return self.error
        if isinstance(self.result, str):
            return self.result
        return json.dumps(self.result, ensure_ascii=False, separators=(",", ":"))


class AddToolResultHandler:
    """Closes a call with the client's result; 2 requests. The last open one gives the turn back to the model.

    Raises `ToolCallCompleted` or `ToolCallFailed`, `MessageAdded`, and `TurnRequested` when no call is open any more.
    """

    def __init__(self, sessions: SessionManagementService, contents: ContentStore, answers: MessageAnswers) -> None:
        self._sessions = sessions
        self._contents = contents
        self._answers = answers

    def handle(self, command: AddToolResultCommand) -> MessageDTO:
        """Store the result and return it as the message the model will read.

        Raises:
            SessionNotFound: no such session of this user.
            IdempotencyKeyReused: the key came before with another request.
            ToolCallNotFound: no such call in this session.
            SessionInactive: the session takes no commands.
            ApprovalRequired: the call was not granted yet.
            ToolCallClosed: the call has ended.
            SessionBusy: too many write at once.
        """
        status = CallStatus.DONE if command.error is None else CallStatus.FAILED

        def decide(draft: Draft, call: Call | None) -> MessageDTO:
            if call is None:
                raise ToolCallNotFound
            draft.must_be_active()
            if call.status is CallStatus.AWAITING_APPROVAL:
                raise ApprovalRequired
            if call.status in FINAL:
                raise ToolCallClosed
            message = turns.close_call(draft, call, status, command.content)
            return MessageDTO.of(message, command.key, self._contents)

        return self._sessions.change_call(command, command.key, CallId(command.call_id), decide, self._answers)
