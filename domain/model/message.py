"""Messages of a conversation and the calls inside them."""

from datetime import datetime
from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.value import CallId, JsonObject, Value


class Role(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class CallStatus(StrEnum):
    """Where a tool call stands; the last six (`FINAL`) it never leaves."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


FINAL = frozenset(
    {
        CallStatus.DONE,
        CallStatus.FAILED,
        CallStatus.REFUSED,
        CallStatus.REJECTED,
        CallStatus.EXPIRED,
        CallStatus.CANCELLED,
    }
)


class ToolCall(Value):
    """One tool call of a model's answer.

    Attributes:
        call_id: Ours, unique in the session.
        tool: Name of the tool, as the model gave it.
        arguments: What is to be run, as the model gave it; `{}` when they were not a JSON object.
        status: As of the read that produced this value.
        provider_id: The id the provider gave the call; None when it gave none.
        is_gated: Whether it runs only after a person's yes.
        is_edited: Whether a person put other arguments in place of the model's; then these are they.
    """

    call_id: CallId
    tool: str
    arguments: JsonObject
    status: CallStatus
    provider_id: str | None = None
    is_gated: bool = False
    is_edited: bool = False


class Usage(Value):
    """Tokens of one model call, counted by the provider.

    Attributes:
        input_tokens: Read by the model.
        output_tokens: Written by it.
    """

    input_tokens: int = 0
    output_tokens: int = 0


INLINE_BYTES = 256 * 1024
"""Content that is larger as JSON goes to the content store, so that a commit fits an item (400 KB)."""
BEGINNING_CHARACTERS = 4 * 1024
"""How much of stored content stays in its message."""


class Message(Value):
    """One message of a conversation.

    Attributes:
        seq: Number of its `MessageAdded` fact; rises within the session, with gaps.
        turn: The turn it belongs to, from 1.
        agent: The agent that wrote an assistant message, or that a user message asks for; None otherwise.
        content: Text; may be empty for assistant and tool. The first 4096 characters where a page of the log is read
            and the content is stored apart.
        tool_calls: Calls of an assistant message in the model's order; empty otherwise.
        tool_call_id: The call a tool message answers; None otherwise.
        outcome: How that call ended, a final status; None otherwise.
        usage: Tokens of the model call behind an assistant message; None otherwise.
        stored_sha256: Hash of content that is too large for the log and kept in the content store; None otherwise.
        created_at: UTC time of the commit.
    """

    seq: int
    turn: int
    role: Role
    content: str
    created_at: datetime
    agent: AgentType | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: CallId | None = None
    outcome: CallStatus | None = None
    usage: Usage | None = None
    stored_sha256: str | None = None

    @property
    def beginning(self) -> str:
        """What the log itself keeps of the content: all of it, unless it is stored apart."""
        return self.content if self.stored_sha256 is None else self.content[:BEGINNING_CHARACTERS]
