"""The HTTP contract in memory, with a scripted agent and scripted faults."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.clients.fake_http import Dropped, Reply, Request, problem, route

BASE_URL = "http://runtime.test/prefix"
TOKENS = {"alice-token": "alice", "bob-token": "bob"}
_CATEGORIES = {"Session": "session", "Message": "message", "Turn": "turn", "Agent": "agent", "Tool": "tool"}

Calls = list[tuple[str, dict[str, Any]]]
Round = str | Calls | None
"""One answer of the agent: its last words, calls, or None while it goes on thinking for ever."""


@dataclass
class _Session:
    owner: str
    title: str | None = None
    is_active: bool = True
    log: list[dict[str, Any]] = field(default_factory=list)
    turn: int = 0
    rounds: deque[Round] = field(default_factory=deque)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_thinking: bool = False

    @property
    def status(self) -> str:
        """What the turn does."""
        if any(call["status"] == "pending" for call in self.calls.values()):
            return "waiting_for_tools"
        return "running" if self.is_thinking else "idle"


class FakeRuntime:
    """A server whose agent works through `rounds` in every turn, at once.

    Attributes:
        last_fact: Name and fields of what ends a turn; None completes it.
        afterwards: A fact that follows the end of a turn.
        faults: Answers that come before the real ones, by operation; `Dropped` breaks the connection.
        after_effect: Operations whose fault comes after they were carried out, as when an answer is lost.
        requests: Everything that arrived.
        change_page: What becomes of a page of events on its way out.
        contents: What else can be fetched, by path.
        cost_micro_usd: Of each model call; None when its price is not known.
        on_request: Hears of every request before it is answered.
    """

    def __init__(self, rounds: list[Round] | None = None) -> None:
        self.rounds: list[Round] = rounds or ["said"]
        self.last_fact: tuple[str, dict[str, Any]] | None = None
        self.afterwards: tuple[str, dict[str, Any]] | None = None
        self.faults: dict[str, deque[Reply | type[Dropped]]] = defaultdict(deque)
        self.after_effect: set[str] = set()
        self.requests: list[Request] = []
        self.change_page: Callable[[dict[str, Any]], dict[str, Any]] = lambda page: page
        self.sessions: dict[str, _Session] = {}
        self.contents: dict[str, str] = {}
        self.cost_micro_usd: int | None = None
        self._replies: dict[str, Reply] = {}
        self.on_request: Callable[[Request], None] = lambda _request: None

    def transport(self) -> httpx.MockTransport:
        """Return a transport that reaches this server without a socket."""

        def handle(request: httpx.Request) -> httpx.Response:
            try:
                reply = self.answer(request.method, str(request.url), request.headers, request.content)
            except Dropped as error:
                raise httpx.ReadError("connection reset", request=request) from error
            return httpx.Response(reply.status, headers=reply.headers, content=reply.content)

        return httpx.MockTransport(handle)

    def of(self, operation: str) -> list[Request]:
        """Return the requests of one operation."""
        return [request for request in self.requests if request.operation == operation]

    def answer(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Answer one request.

        Raises:
            Dropped: the connection is to be closed.
        """
        parts = urlsplit(url)
        headers = httpx.Headers(dict(headers))  # a copy: the sender goes on using his
        body = json.loads(content) if content else None
        if parts.path in self.contents:
            self.requests.append(Request("get_content", parts.path, {}, headers, body))
            return Reply(200, self.contents[parts.path])
        operation, session_id = route(method, parts.path.partition("/v1")[2])
        request = Request(operation, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.requests.append(request)
        self.on_request(request)
        fault = self.faults[operation].popleft() if self.faults[operation] else None
        if fault is None or operation in self.after_effect:
            reply = self._once(request, session_id)
        if fault is Dropped:
            raise Dropped
        return fault if isinstance(fault, Reply) else reply

    def _once(self, request: Request, session_id: str) -> Reply:
        """Carry a command out once, however often it comes with its key."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._carry_out(request, session_id)
        if key in self._replies:
            return self._replies[key]
        reply = self._carry_out(request, session_id)
        if reply.status < 400:
            self._replies[key] = reply
        return reply

    def _carry_out(self, request: Request, session_id: str) -> Reply:
        if request.operation == "get_health":
            return Reply(200, {"status": "ok", "version": "9.9"})
        user = TOKENS.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            return problem(401, "UNAUTHENTICATED")
        if request.operation == "create_session":
            return self._create(user, request.body)
        if request.operation == "list_sessions":
            return self._list_sessions(user, request.query)
        session = self.sessions.get(session_id)
        if session is None or session.owner != user:
            return problem(404, "SESSION_NOT_FOUND")
        act: dict[str, Callable[[], Reply]] = {
            "get_session": lambda: Reply(200, _head(session_id, session)),
            "add_message": lambda: self._add_message(session, request.body),
            "add_tool_result": lambda: self._add_tool_result(session, request.body),
            "list_events": lambda: Reply(200, self.change_page(_page(session.log, request.query))),
            "list_messages": lambda: Reply(200, _messages(session.log, request.query)),
        }
        return act[request.operation]()

    @staticmethod
    def new_session(user: str, **fields: Any) -> _Session:
        """Return a session in which nothing has happened."""
        return _Session(user, **fields)

    def _create(self, user: str, body: dict[str, Any]) -> Reply:
        session_id = body.get("session_id", f"s-{len(self.sessions) + 1}")
        session = self.sessions[session_id] = self.new_session(user)
        self.fact(session, "SessionCreated", has_title="title" in body)
        return Reply(201, _head(session_id, session), {"Location": f"/v1/sessions/{session_id}"})

    def _list_sessions(self, user: str, query: dict[str, str]) -> Reply:
        mine = [
            {key: _head(name, one)[key] for key in ("id", "title", "is_active", "created_at", "last_activity_at")}
            for name, one in reversed(self.sessions.items())
            if one.owner == user and (one.is_active or query["include_inactive"] == "true")
        ]
        start = int(query.get("cursor", 0))
        end = start + int(query["limit"])
        return Reply(200, {"items": mine[start:end], "next_cursor": str(end) if end < len(mine) else None})

    def _add_message(self, session: _Session, body: dict[str, Any]) -> Reply:
        if body.get("on_busy") == "interrupt" and session.status != "idle":
            for call in session.calls.values():
                if call["status"] == "pending":
                    call["status"] = "cancelled"
                    self.fact(session, "ToolCallCancelled", call_id=call["call_id"])
            self.fact(session, "TurnCancelled", turn=session.turn)
        session.turn += 1
        session.rounds = deque(self.rounds)
        message = self.message(session, "user", body["content"])
        self.fact(session, "AgentSwitched", from_agent="orchestrator", to_agent="ask", reason="routed", confidence=0.9)
        self._work(session)
        return Reply(202, message)

    def _add_tool_result(self, session: _Session, body: dict[str, Any]) -> Reply:
        call = session.calls.get(body["call_id"])
        if call is None:
            return problem(404, "TOOL_CALL_NOT_FOUND")
        if call["status"] != "pending":
            return problem(409, "TOOL_CALL_CLOSED")
        call["status"] = "failed" if "error" in body else "done"
        content = body.get("error", json.dumps(body.get("result")))
        message = self.message(session, "tool", content, tool_call_id=call["call_id"], outcome=call["status"])
        if all(one["status"] != "pending" for one in session.calls.values()):
            self._work(session)
        return Reply(202, message)

    def _work(self, session: _Session) -> None:
        self.fact(
            session,
            "LlmRequestCompleted",
            purpose="answer",
            model="fake-model",
            input_tokens=100,
            output_tokens=10,
            duration_ms=5,
            attempt=1,
            cost_micro_usd=self.cost_micro_usd,
        )
        step = session.rounds.popleft() if session.rounds else "said"
        session.is_thinking = step is None
        if step is None:
            return
        if isinstance(step, str):
            self.message(session, "assistant", step, agent="ask")
            name, fields = self.last_fact or ("TurnCompleted", {"agent": "ask", "rounds": 1})
            self.fact(session, name, turn=session.turn, **fields)
            if self.afterwards:
                self.fact(session, self.afterwards[0], **self.afterwards[1])
            return
        seq = len(session.log) + 1
        calls: list[dict[str, Any]] = [
            {"call_id": f"{seq}-{index}", "tool": tool, "arguments": arguments, "status": "pending"}
            for index, (tool, arguments) in enumerate(step)
        ]
        session.calls.update({call["call_id"]: call for call in calls})
        self.message(session, "assistant", "", agent="ask", tool_calls=calls)
        for call in calls:
            self.fact(session, "ToolCallRequested", call_id=call["call_id"], tool=call["tool"], agent="ask")

    def message(self, session: _Session, role: str, content: str, **more: Any) -> dict[str, Any]:
        """Commit a message and return it."""
        seq = len(session.log) + 1
        message = {"seq": seq, "turn": session.turn, "id": f"m{seq}", "role": role, "content": content, **more}
        self.fact(session, "MessageAdded", message=message, role=role, size=len(content), sha256="0" * 64, calls=0)
        return message

    def fact(self, session: _Session, name: str, *, message: dict[str, Any] | None = None, **fields: Any) -> None:
        """Commit a fact."""
        seq = len(session.log) + 1
        event: dict[str, Any] = {
            "seq": seq,
            "turn": session.turn,
            "type": name,
            "category": next((value for key, value in _CATEGORIES.items() if name.startswith(key)), "llm"),
            "occurred_at": f"2026-01-01T00:00:{seq % 60:02d}.250Z",
            "correlation_id": "c-1",
            "data": fields,
        }
        session.log.append(event if message is None else {**event, "message": message})


def _head(session_id: str, session: _Session) -> dict[str, Any]:
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


def _page(log: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    after, limit = int(query["after"]), int(query["limit"])
    items = [event for event in log if event["seq"] > after][:limit]
    last = items[-1]["seq"] if items else after
    # A copy, as a real answer is: what happens to a call later does not change what was read.
    return {"items": json.loads(json.dumps(items)), "next_after": last, "has_more": last < len(log)}


def _messages(log: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    page = _page([event for event in log if "message" in event], query)
    return {**page, "items": [event["message"] for event in page["items"]], "has_more": False}
