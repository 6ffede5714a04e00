"""Requests and answers of the fake runtime."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Dropped(Exception):  # noqa: N818  # what happened to the connection
    """The server closes the connection without an answer."""


@dataclass
class Request:
    """A request as it arrived."""

    operation: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Reply:
    """What is sent back."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body on the wire; text goes out as it is."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def problem(status: int, code: str, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    """Return a problem+json answer."""
    body = {"type": "about:blank", "title": code, "status": status, "detail": f"told {code}", "code": code}
    return Reply(status, {**body, "correlation_id": "c-1", **more}, headers or {})


def route(method: str, path: str) -> tuple[str, list[str]]:
    """Return which operation a request is, and the segments of its path."""
    parts = path.strip("/").split("/")
    if method == "POST" and len(parts) == 4 and parts[2] == "approvals":
        return "decide_approval", parts
    names = {
        ("GET", 1, "health"): "get_health",
        ("POST", 1, "sessions"): "create_session",
        ("GET", 1, "sessions"): "list_sessions",
        ("GET", 2, parts[-1]): "get_session",
        ("POST", 3, "messages"): "add_message",
        ("GET", 3, "messages"): "list_messages",
        ("POST", 3, "tool-results"): "add_tool_result",
        ("GET", 3, "events"): "list_events",
        ("GET", 3, "approvals"): "list_approvals",
        ("POST", 3, "cancel"): "cancel_turn",
        ("GET", 3, "plan"): "get_plan",
        ("POST", 3, "plan"): "decide_plan",
    }
    return names[method, len(parts), parts[-1]], parts
