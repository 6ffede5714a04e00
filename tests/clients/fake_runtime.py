"""The HTTP contract in memory, with a scripted agent and scripted faults."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.clients.fake_decisions import approval_of, decide, listed
from tests.clients.fake_http import Dropped, Reply, Request, problem, route
from tests.clients.fake_plan import act_on_plan, close_step, next_step, shown_plan
from tests.clients.fake_session import Calls, FakeSession, Round, head, messages, page

BASE_URL = "http://runtime.test/prefix"
TOKENS = {"alice-token": "alice", "bob-token": "bob"}


_NEEDS_APPROVAL = frozenset(
    {"write_file", "create_directory", "delete_file", "move_file", "execute_command", "create_plan"}
)


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
        needs_approval: The tools whose calls wait for a decision.
        steps: What the agent does in each step of a plan; it says `said` in those left out.
        failing_steps: Steps that fail in the end, by their place from 0.
    """

    def __init__(self, rounds: list[Round] | None = None) -> None:
        self.rounds: list[Round] = rounds or ["said"]
        self.last_fact: tuple[str, dict[str, Any]] | None = None
        self.afterwards: tuple[str, dict[str, Any]] | None = None
        self.faults: dict[str, deque[Reply | type[Dropped]]] = defaultdict(deque)
        self.after_effect: set[str] = set()
        self.requests: list[Request] = []
        self.change_page: Callable[[dict[str, Any]], dict[str, Any]] = lambda page: page
        self.sessions: dict[str, FakeSession] = {}
        self.contents: dict[str, str] = {}
        self.cost_micro_usd: int | None = None
        self.needs_approval = set(_NEEDS_APPROVAL)
        self.steps: list[list[Round]] = []
        self.failing_steps: set[int] = set()
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
        operation, path = route(method, parts.path.partition("/v1")[2])
        request = Request(operation, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.requests.append(request)
        self.on_request(request)
        fault = self.faults[operation].popleft() if self.faults[operation] else None
        if fault is None or operation in self.after_effect:
            reply = self._once(request, path)
        if fault is Dropped:
            raise Dropped
        return fault if isinstance(fault, Reply) else reply

    def _once(self, request: Request, path: list[str]) -> Reply:
        """Carry a command out once, however often it comes with its key."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._carry_out(request, path)
        if key in self._replies:
            return self._replies[key]
        reply = self._carry_out(request, path)
        if reply.status < 400:
            self._replies[key] = reply
        return reply

    def _carry_out(self, request: Request, path: list[str]) -> Reply:
        if request.operation == "get_health":
            return Reply(200, {"status": "ok", "version": "9.9"})
        user = TOKENS.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            return problem(401, "UNAUTHENTICATED")
        if request.operation == "create_session":
            return self._create(user, request.body)
        if request.operation == "list_sessions":
            return self._list_sessions(user, request.query)
        session_id = path[1]
        session = self.sessions.get(session_id)
        if session is None or session.owner != user:
            return problem(404, "SESSION_NOT_FOUND")
        act: dict[str, Callable[[], Reply]] = {
            "get_session": lambda: Reply(200, head(session_id, session)),
            "add_message": lambda: self._add_message(session, request.body),
            "add_tool_result": lambda: self._add_tool_result(session, request.body),
            "list_events": lambda: Reply(200, self.change_page(page(session.log, request.query))),
            "list_messages": lambda: Reply(200, messages(session.log, request.query)),
            "list_approvals": lambda: listed(session, request.query.get("status")),
            "decide_approval": lambda: self._decide(session, path[3], request.body),
            "cancel_turn": lambda: self._cancel_turn(session_id, session),
            "get_plan": lambda: shown_plan(session),
            "decide_plan": lambda: self._decide_plan(session, request.body),
        }
        return act[request.operation]()

    @staticmethod
    def new_session(user: str, **fields: Any) -> FakeSession:
        """Return a session in which nothing has happened."""
        return FakeSession(user, **fields)

    def _create(self, user: str, body: dict[str, Any]) -> Reply:
        session_id = body.get("session_id", f"s-{len(self.sessions) + 1}")
        session = self.sessions[session_id] = self.new_session(user)
        session.fact("SessionCreated", has_title="title" in body)
        return Reply(201, head(session_id, session), {"Location": f"/v1/sessions/{session_id}"})

    def _list_sessions(self, user: str, query: dict[str, str]) -> Reply:
        mine = [
            {key: head(name, one)[key] for key in ("id", "title", "is_active", "created_at", "last_activity_at")}
            for name, one in reversed(self.sessions.items())
            if one.owner == user and (one.is_active or query["include_inactive"] == "true")
        ]
        start = int(query.get("cursor", 0))
        end = start + int(query["limit"])
        return Reply(200, {"items": mine[start:end], "next_cursor": str(end) if end < len(mine) else None})

    def _add_message(self, session: FakeSession, body: dict[str, Any]) -> Reply:
        if body.get("on_busy") == "interrupt" and session.status != "idle":
            self._stop(session)
        session.turn += 1
        session.rounds = deque(self.rounds)
        message = session.message("user", body["content"])
        session.fact("AgentSwitched", from_agent="orchestrator", to_agent="ask", reason="routed", confidence=0.9)
        self._work(session)
        return Reply(202, message)

    def _add_tool_result(self, session: FakeSession, body: dict[str, Any]) -> Reply:
        call = session.calls.get(body["call_id"])
        if call is None:
            return problem(404, "TOOL_CALL_NOT_FOUND")
        if call["status"] == "awaiting_approval":
            return problem(409, "APPROVAL_REQUIRED")
        if call["status"] not in {"pending", "approved"}:
            return problem(409, "TOOL_CALL_CLOSED")
        call["status"] = "failed" if "error" in body else "done"
        content = body.get("error", json.dumps(body.get("result")))
        message = session.message("tool", content, tool_call_id=call["call_id"], outcome=call["status"])
        self._go_on(session)
        return Reply(202, message)

    def _decide(self, session: FakeSession, approval_id: str, body: dict[str, Any]) -> Reply:
        reply = decide(session, approval_id, body)
        if reply.status == 200:
            self._go_on(session)
        return reply

    def expire(self, session: FakeSession, approval_id: str) -> None:
        """Let the time of an approval run out."""
        approval = session.approvals[approval_id]
        approval["status"] = session.calls[approval["call_id"]]["status"] = "expired"
        session.fact("ApprovalExpired", approval_id=approval_id, call_id=approval["call_id"])
        self._go_on(session)

    def _cancel_turn(self, session_id: str, session: FakeSession) -> Reply:
        if session.status != "idle":
            self._stop(session)
        return Reply(202, head(session_id, session))

    def _stop(self, session: FakeSession) -> None:
        for call in session.open_calls:
            if call["status"] == "awaiting_approval":
                session.approvals[call["approval_id"]]["status"] = "cancelled"
                session.fact("ApprovalCancelled", approval_id=call["approval_id"], call_id=call["call_id"])
            call["status"] = "cancelled"
            session.fact("ToolCallCancelled", call_id=call["call_id"])
        session.is_thinking = False
        session.fact("TurnCancelled", turn=session.turn)
        if session.plan is not None and session.step is not None:
            close_step(session, "failed", "cancelled")
            session.plan["status"] = "cancelled"
            session.fact("PlanCancelled", plan_id=session.plan["id"])

    def _decide_plan(self, session: FakeSession, body: dict[str, Any]) -> Reply:
        reply = act_on_plan(session, body)
        if reply.status == 200 and body["action"] != "cancel":
            self._begin_step(session)
        elif reply.status == 200 and session.status != "idle":
            self._stop(session)
        return Reply(200, shown_plan(session).body) if reply.status == 200 else reply

    def _begin_step(self, session: FakeSession) -> None:
        if next_step(session):
            place = self._step_number(session)
            session.rounds = deque(self.steps[place] if place < len(self.steps) else ["said"])
            self._work(session)

    @staticmethod
    def _step_number(session: FakeSession) -> int:
        return session.plan["subtasks"].index(session.step) if session.plan and session.step else 0

    def _go_on(self, session: FakeSession) -> None:
        if not session.open_calls:
            self._work(session)

    def _work(self, session: FakeSession) -> None:
        session.fact(
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
        if isinstance(step, str):
            self._end(session, step)
        elif step is not None:
            self._open_calls(session, step)

    def _end(self, session: FakeSession, words: str) -> None:
        session.message("assistant", words, agent=session.step["agent"] if session.step else "ask")
        if session.step is not None and self._step_number(session) in self.failing_steps:
            close_step(session, "failed", "TURN_FAILED")
            session.fact("TurnFailed", turn=session.turn, code="TURN_FAILED")
            return
        if session.step is not None:
            close_step(session, "done")
        name, fields = self.last_fact or ("TurnCompleted", {"agent": "ask", "rounds": 1})
        session.fact(name, turn=session.turn, **fields)
        if self.afterwards:
            session.fact(self.afterwards[0], **self.afterwards[1])
        if session.plan is not None and session.plan["status"] == "in_progress":
            self._begin_step(session)

    def _open_calls(self, session: FakeSession, wanted: Calls) -> None:
        seq = len(session.log) + 1
        calls: list[dict[str, Any]] = []
        for index, (tool, arguments) in enumerate(wanted):
            status = "awaiting_approval" if tool in self.needs_approval else "pending"
            # The agent's words to the user: carried out at the server at once.
            status = "done" if tool in {"ask_followup_question", "attempt_completion"} else status
            call = {"call_id": f"{seq}-{index}", "tool": tool, "arguments": arguments, "status": status}
            calls.append({**call, "approval_id": f"a-{seq}-{index}"} if status == "awaiting_approval" else call)
        session.calls.update({call["call_id"]: call for call in calls})
        session.message("assistant", "", agent="ask", tool_calls=calls)
        for call in calls:
            session.fact("ToolCallRequested", call_id=call["call_id"], tool=call["tool"], agent="ask")
            if call["status"] == "awaiting_approval":
                approval_of(session, call)
        if not session.open_calls:
            session.fact("TurnCompleted", turn=session.turn, agent="ask", rounds=1)
        elif session.status == "waiting_for_approval":
            session.fact("TurnWaiting", turn=session.turn, status="waiting_for_approval")
