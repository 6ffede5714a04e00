"""Read a session's messages."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from domain.cqrs import Answer, OfSession, Query
from domain.model.agent import AgentType
from domain.model.approval import approval_id_of
from domain.model.message import CallStatus, Message, Role, ToolCall, Usage
from domain.model.value import JsonObject, SessionKey
from domain.ports import ContentStore, LogRepository

MAX_SEQ = 10**12 - 1
"""Numbers are stored with twelve digits."""


class ToolCallDTO(Answer):
    """A call as the client sees it; `pending` and `approved` ones are the client's to carry out.

    Attributes:
        call_id: What to post the result under.
        tool: Name of the tool.
        arguments: What to run: the model's, or what a person put in their place.
        status: As of this answer.
        approval_id: The approval it needs or needed; None when it needs none.
    """

    call_id: str
    tool: str
    arguments: JsonObject
    status: CallStatus
    approval_id: str | None = None

    @classmethod
    def of(cls, call: ToolCall) -> Self:
        """Return `call` as the client sees it."""
        return cls(
            call_id=call.call_id,
            tool=call.tool,
            arguments=call.arguments,
            status=call.status,
            approval_id=approval_id_of(call.call_id) if call.is_gated else None,
        )


class MessageDTO(Answer):
    """A message as its owner sees it.

    Attributes:
        seq: Number of its `MessageAdded` event.
        turn: The turn it belongs to, from 1.
        id: Names it among all messages of its owner.
        role: Who speaks.
        agent: The agent that wrote it, or that a user message asks for; None otherwise.
        content: The text; its first 4096 characters when `content_url` is given.
        content_url: Where the whole text can be fetched for 15 minutes; None when `content` is whole.
        tool_calls: What the agent wants done, in its order; None when nothing.
        tool_call_id: The call whose result this is; None otherwise.
        outcome: How that call ended; None otherwise.
        usage: Tokens of the model call behind it; None when there was none.
        created_at: UTC.
    """

    seq: int
    turn: int
    id: str
    role: Role
    agent: AgentType | None = None
    content: str
    content_url: str | None = None
    tool_calls: tuple[ToolCallDTO, ...] | None = None
    tool_call_id: str | None = None
    outcome: CallStatus | None = None
    usage: Usage | None = None
    created_at: datetime

    @classmethod
    def of(cls, message: Message, key: SessionKey, contents: ContentStore) -> Self:
        """Return `message` of session `key` as its owner sees it."""
        stored = message.stored_sha256
        return cls(
            seq=message.seq,
            turn=message.turn,
            id=f"{key.session_id}:{message.seq}",
            role=message.role,
            agent=message.agent,
            content=message.beginning,
            content_url=contents.url(key, stored) if stored else None,
            tool_calls=tuple(ToolCallDTO.of(call) for call in message.tool_calls) or None,
            tool_call_id=message.tool_call_id,
            outcome=message.outcome,
            usage=message.usage,
            created_at=message.created_at,
        )


class MessagePageDTO(Answer):
    """A page of messages in the order of their numbers.

    Attributes:
        items: May be fewer than the limit.
        next_after: What to ask for next, also when nothing came.
        has_more: Whether there is more now.
    """

    items: tuple[MessageDTO, ...]
    next_after: int
    has_more: bool


class ListMessagesQuery(OfSession, Query):
    """Read messages.

    Attributes:
        after: Only messages with greater numbers.
        limit: Most messages on the page.
    """

    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ListMessagesHandler:
    """Reads a page of the log; 1 request."""

    def __init__(self, log: LogRepository, contents: ContentStore) -> None:
        self._log = log
        self._contents = contents

    def handle(self, query: ListMessagesQuery) -> MessagePageDTO:
        """Return the page as of every answered write.

        Raises:
            SessionNotFound: no such session of this user.
        """
        page = self._log.page(query.key, after=query.after, limit=query.limit, messages_only=True)
        return MessagePageDTO(
            items=tuple(
                MessageDTO.of(event.message, query.key, self._contents) for event in page.events if event.message
            ),
            next_after=page.next_after,
            has_more=page.has_more,
        )
