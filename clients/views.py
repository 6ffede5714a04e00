"""What the server answers, typed. Fields that are not named here are passed over, so the server may add some."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Json = Any
"""Anything JSON can say."""
JsonObject = Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """The turn a session is in.

    Attributes:
        number: 0 before the first message.
        status: `idle`, `running`, one of `waiting_for_*`, or `failed`.
        error_code: Set when failed.
        error_detail: A sentence, set when failed.
    """

    number: int
    status: str
    error_code: str | None = None
    error_detail: str | None = None

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is owed: no turn runs, and none waits for anybody."""
        return self.status in {"idle", "failed"}

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Turn":
        """Read the contract's `turn`."""
        error = raw.get("error") or {}
        return cls(int(raw["number"]), str(raw["status"]), error.get("code"), error.get("detail"))


@dataclass(frozen=True)
class Session:
    """A conversation as the server sees it now."""

    id: str
    title: str | None
    is_active: bool
    turn: Turn
    queued: int
    current_agent: str
    message_count: int
    last_seq: int

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Session":
        """Read the contract's Session."""
        return cls(
            id=str(raw["id"]),
            title=raw.get("title"),
            is_active=bool(raw["is_active"]),
            turn=Turn.from_json(raw["turn"]),
            queued=int(raw["queued"]),
            current_agent=str(raw["current_agent"]),
            message_count=int(raw["message_count"]),
            last_seq=int(raw["last_seq"]),
        )


@dataclass(frozen=True)
class SessionListItem:
    """A conversation as a list tells it; times are with their time zone."""

    id: str
    title: str | None
    is_active: bool
    created_at: datetime
    last_activity_at: datetime

    @classmethod
    def from_json(cls, raw: JsonObject) -> "SessionListItem":
        """Read the contract's SessionListItem."""
        return cls(
            id=str(raw["id"]),
            title=raw.get("title"),
            is_active=bool(raw["is_active"]),
            created_at=datetime.fromisoformat(raw["created_at"]),
            last_activity_at=datetime.fromisoformat(raw["last_activity_at"]),
        )


@dataclass(frozen=True)
class SessionPage:
    """Part of the list of sessions, newest activity first; `next_cursor` is None at its end."""

    items: tuple[SessionListItem, ...]
    next_cursor: str | None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "SessionPage":
        """Read the contract's page of sessions."""
        return cls(tuple(SessionListItem.from_json(one) for one in raw["items"]), raw.get("next_cursor"))


@dataclass(frozen=True)
class ToolCall:
    """One call of an assistant message, with the status it had when the message was read."""

    call_id: str
    tool: str
    arguments: JsonObject
    status: str
    approval_id: str | None = None

    @property
    def is_ours_to_run(self) -> bool:
        """Whether the server waits for this call's result and would take it."""
        return self.status in {"pending", "approved"}

    @classmethod
    def from_json(cls, raw: JsonObject) -> "ToolCall":
        """Read one of a message's `tool_calls`."""
        return cls(
            str(raw["call_id"]), str(raw["tool"]), dict(raw["arguments"]), str(raw["status"]), raw.get("approval_id")
        )


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        role: `user`, `assistant` or `tool`.
        content_url: Where the whole content lies when `content` is only its beginning; None otherwise.
        tool_call_id: The call a tool message answers; None otherwise.
        outcome: How that call ended; None otherwise.
    """

    seq: int
    turn: int
    role: str
    content: str
    agent: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    outcome: str | None = None
    content_url: str | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Message":
        """Read the contract's Message."""
        return cls(
            seq=int(raw["seq"]),
            turn=int(raw["turn"]),
            role=str(raw["role"]),
            content=str(raw["content"]),
            agent=raw.get("agent"),
            tool_calls=tuple(ToolCall.from_json(call) for call in raw.get("tool_calls") or ()),
            tool_call_id=raw.get("tool_call_id"),
            outcome=raw.get("outcome"),
            content_url=raw.get("content_url"),
        )


@dataclass(frozen=True)
class Event:
    """One fact of a session.

    Attributes:
        seq: 1, 2, 3… within the session.
        turn: The turn it belongs to; None or 0 outside any.
        occurred_at: With its time zone.
        fields: What the fact says, the contract's `data`.
        message: Set exactly for `MessageAdded`.
    """

    seq: int
    turn: int | None
    type: str
    category: str
    occurred_at: datetime
    correlation_id: str
    fields: JsonObject
    message: Message | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Event":
        """Read the contract's Event."""
        message = raw.get("message")
        return cls(
            seq=int(raw["seq"]),
            turn=raw.get("turn"),
            type=str(raw["type"]),
            category=str(raw["category"]),
            occurred_at=datetime.fromisoformat(raw["occurred_at"]),
            correlation_id=str(raw["correlation_id"]),
            fields=dict(raw["data"]),
            message=None if message is None else Message.from_json(message),
        )


@dataclass(frozen=True)
class Health:
    """Whether the server works, and which one it is."""

    status: str
    version: str

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Health":
        """Read the answer of `/health`."""
        return cls(str(raw["status"]), str(raw["version"]))


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Part of a list, oldest first; `next_after` is the cursor for what follows."""

    items: tuple[Item, ...]
    next_after: int
    has_more: bool

    @classmethod
    def from_json(cls, raw: JsonObject, item: Callable[[JsonObject], Item]) -> "Page[Item]":
        """Read a page whose items are read by `item`."""
        return cls(tuple(item(one) for one in raw["items"]), int(raw["next_after"]), bool(raw["has_more"]))
