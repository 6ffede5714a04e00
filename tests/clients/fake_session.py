"""A session of the fake runtime, and how it shows itself."""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

Calls = list[tuple[str, dict[str, Any]]]
Round = str | Calls | None
"""One answer of the agent: its last words, calls, or None while it goes on thinking for ever."""
OPEN = frozenset({"pending", "awaiting_approval", "approved"})
_CATEGORIES = {
    "Session": "session",
    "Message": "message",
    "Turn": "turn",
    "Agent": "agent",
    "Tool": "tool",
    "Approval": "approval",
    "Plan": "plan",
    "Subtask": "plan",
}


@dataclass
class FakeSession:
    """One conversation.

    Attributes:
        rounds: What its agent still does in this turn.
        calls: Every call, by its id.
        approvals: Every approval, by its id.
        plan: The newest plan as `GET …/plan` shows it, without its progress; None when there was none.
        step: The subtask that runs, None when none does.
        is_thinking: Whether the model has been asked and does not answer.
    """

    owner: str
    title: str | None = None
    is_active: bool = True
    log: list[dict[str, Any]] = field(default_factory=list)
    turn: int = 0
    rounds: deque[Round] = field(default_factory=deque)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, Any] | None = None
    step: dict[str, Any] | None = None
    is_thinking: bool = False

    @property
    def open_calls(self) -> list[dict[str, Any]]:
        """The calls that the turn waits for."""
        return [call for call in self.calls.values() if call["status"] in OPEN]

    @property
    def status(self) -> str:
        """What the turn does."""
        if any(call["status"] == "awaiting_approval" for call in self.open_calls):
            return "waiting_for_approval"
        if self.open_calls:
            return "waiting_for_tools"
        return "running" if self.is_thinking else "idle"

    def message(self, role: str, content: str, **more: Any) -> dict[str, Any]:
        """Commit a message and return it."""
        seq = len(self.log) + 1
        message = {"seq": seq, "turn": self.turn, "id": f"m{seq}", "role": role, "content": content, **more}
        self.fact("MessageAdded", message=message, role=role, size=len(content), sha256="0" * 64, calls=0)
        return message

    def fact(self, name: str, *, message: dict[str, Any] | None = None, **fields: Any) -> None:
        """Commit a fact."""
        seq = len(self.log) + 1
        event: dict[str, Any] = {
            "seq": seq,
            "turn": self.turn,
            "type": name,
            "category": next((value for key, value in _CATEGORIES.items() if name.startswith(key)), "llm"),
            "occurred_at": f"2026-01-01T00:00:{seq % 60:02d}.250Z",
            "correlation_id": "c-1",
            "data": fields,
        }
        self.log.append(event if message is None else {**event, "message": message})


def head(session_id: str, session: FakeSession) -> dict[str, Any]:
    """Return the contract's Session."""
    return {
        "id": session_id,
        "title": session.title,
        "is_active": session.is_active,
        "turn": {"number": session.turn, "status": session.status},
        "queued": 0,
        "current_agent": "ask",
        "message_count": sum("message" in event for event in session.log),
        "last_seq": len(session.log),
        "created_at": "2026-01-01T00:00:00Z",
        "last_activity_at": "2026-01-01T00:00:00Z",
    }


def page(log: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    """Return a page of events."""
    after, limit = int(query["after"]), int(query["limit"])
    items = [event for event in log if event["seq"] > after][:limit]
    last = items[-1]["seq"] if items else after
    # A copy, as a real answer is: what happens to a call later does not change what was read.
    return {"items": json.loads(json.dumps(items)), "next_after": last, "has_more": last < len(log)}


def messages(log: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    """Return a page of messages."""
    found = page([event for event in log if "message" in event], query)
    return {**found, "items": [event["message"] for event in found["items"]], "has_more": False}
