"""The HTTP contract as typed calls."""

from collections.abc import Sequence
from functools import partial
from typing import Literal
from urllib.parse import quote

from clients.agent_views import Agent, AgentContext, agents_from_json
from clients.approval_views import Approval, approvals_from_json
from clients.plan_views import Plan
from clients.tools.outcome import Outcome, ToolDone
from clients.transport import Transport
from clients.views import Event, Health, Json, JsonObject, Message, Page, Session, SessionPage


class AgentRuntimeApi(Transport):
    """One user's view of one server.

    A request is sent again when the connection broke, a gateway gave up, or the server says `SESSION_BUSY`, 429 or 503.
    That does no harm: all repeats of a command carry the same `Idempotency-Key`, under which the server carries it out
    once and answers what it answered the first time.

    Every operation raises `ApiProblem` when the server refuses, `ServerUnreachable` when it does not answer and
    `BrokenAnswer` when its answer does not fit the contract. An instance belongs to one thread.
    """

    def get_health(self) -> Health:
        """Return the server's state; needs no token."""
        return self._read("get_health", "/health", {}, Health.from_json)

    def list_agents(self) -> tuple[Agent, ...]:
        """Return the agents of this deployment, the orchestrator first."""
        return self._read("list_agents", "/agents", {}, agents_from_json)

    def create_session(
        self,
        *,
        session_id: str | None = None,
        title: str | None = None,
        agent: str | None = None,
        tools: Sequence[JsonObject] | None = None,
        policies: Sequence[JsonObject] | None = None,
    ) -> Session:
        """Begin a conversation.

        Args:
            session_id: `[A-Za-z0-9_-]{1,64}`; None lets the server choose one.
            title: 1 to 255 characters; None takes it from the first message.
            agent: Who answers first; None leaves it to the server.
            tools: The client's own, as docs/policies.md tells them; None declares none.
            policies: Rules on what is asked for and what is refused; None leaves those of the deployment.
        """
        body = _given(session_id=session_id, title=title, agent=agent, tools=_listed(tools), policies=_listed(policies))
        return self._command("create_session", "/sessions", body, Session.from_json)

    def list_sessions(
        self, *, limit: int = 20, cursor: str | None = None, include_inactive: bool = False
    ) -> SessionPage:
        """Return the user's sessions, newest activity first, at most `limit` (1 to 100) after `cursor`."""
        query: dict[str, int | str] = {"limit": limit, "include_inactive": "true" if include_inactive else "false"}
        if cursor is not None:
            query["cursor"] = cursor
        return self._read("list_sessions", "/sessions", query, SessionPage.from_json)

    def get_session(self, session_id: str) -> Session:
        """Return the session as of every answered command."""
        return self._read("get_session", _session(session_id), {}, Session.from_json)

    def update_session(
        self,
        session_id: str,
        *,
        title: str | None = None,
        is_active: bool | None = None,
        policies: Sequence[JsonObject] | None = None,
    ) -> Session:
        """Change what is given, and leave the rest; an inactive session takes no command but the one to activate it."""
        body = _given(title=title, is_active=is_active, policies=_listed(policies))
        return self._command("update_session", _session(session_id), body, Session.from_json, method="PATCH")

    def add_message(
        self,
        session_id: str,
        content: str,
        *,
        agent: str | None = None,
        on_busy: Literal["enqueue", "reject", "interrupt"] | None = None,
    ) -> Message:
        """Say something; the answer's `turn` is the turn that will answer it.

        With `on_busy="reject"` a busy session is the caller's to deal with: 409 is raised at once.
        """
        body = _given(content=content, agent=agent, on_busy=on_busy)
        path = _session(session_id) + "/messages"
        return self._command("add_message", path, body, Message.from_json, waits_if_busy=on_busy != "reject")

    def list_messages(self, session_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        """Return messages with numbers above `after`, at most `limit` (1 to 200)."""
        query: dict[str, int | str] = {"after": after, "limit": limit}
        read = partial(Page.from_json, item=Message.from_json)
        return self._read("list_messages", _session(session_id) + "/messages", query, read)

    def add_tool_result(self, session_id: str, call_id: str, outcome: Outcome) -> Message:
        """Answer an open call; 409 `TOOL_CALL_CLOSED` says that it has been answered or is no longer wanted."""
        body: dict[str, Json] = {"call_id": call_id}
        if isinstance(outcome, ToolDone):
            body["result"] = outcome.result
        else:
            body["error"] = outcome.error
        path = _session(session_id) + "/tool-results"
        return self._command("add_tool_result", path, body, Message.from_json)

    def list_events(self, session_id: str, *, after: int = 0, limit: int = 100, wait_seconds: int = 0) -> Page[Event]:
        """Return events with numbers above `after`, at most `limit` (1 to 200).

        When there are none the server waits up to `wait_seconds` (0 to 20) for one, and may answer sooner with none.
        """
        query: dict[str, int | str] = {"after": after, "limit": limit, "wait": wait_seconds}
        read = partial(Page.from_json, item=Event.from_json)
        return self._read("list_events", _session(session_id) + "/events", query, read, wait_seconds=wait_seconds)

    def get_agent_context(self, session_id: str, *, include_history: bool = False) -> AgentContext:
        """Return which agent speaks, with every switch if asked for."""
        query: dict[str, int | str] = {"include_history": "true" if include_history else "false"}
        return self._read("get_agent_context", _session(session_id) + "/agent", query, AgentContext.from_json)

    def switch_agent(
        self,
        session_id: str,
        target_agent: str,
        *,
        reason: str | None = None,
        on_busy: Literal["reject", "interrupt"] | None = None,
    ) -> AgentContext:
        """Let another agent speak; with `on_busy="reject"` a busy session is the caller's to deal with, at once."""
        body = _given(target_agent=target_agent, reason=reason, on_busy=on_busy)
        path = _session(session_id) + "/agent"
        return self._command("switch_agent", path, body, AgentContext.from_json, waits_if_busy=on_busy != "reject")

    def cancel_turn(self, session_id: str) -> Session:
        """Stop the turn that runs and drop what is queued behind it; what was produced stays."""
        return self._command("cancel_turn", _session(session_id) + "/cancel", {}, Session.from_json)

    def list_approvals(self, session_id: str, *, status: str | None = None) -> tuple[Approval, ...]:
        """Return what is or was to be decided, oldest first; all of it, or what has one status."""
        query: dict[str, int | str] = {} if status is None else {"status": status}
        return self._read("list_approvals", _session(session_id) + "/approvals", query, approvals_from_json)

    def decide_approval(
        self,
        session_id: str,
        approval_id: str,
        decision: Literal["approve", "edit", "reject"],
        *,
        modified_arguments: JsonObject | None = None,
        feedback: str | None = None,
    ) -> Approval:
        """Decide; 409 `APPROVAL_EXPIRED` or `APPROVAL_ALREADY_DECIDED` says that it is too late.

        Args:
            session_id: Whose approval.
            approval_id: Which one.
            decision: What becomes of it.
            modified_arguments: For `edit` of a call: what it is to be executed with instead.
            feedback: For the model, at most 2 000 characters; an `edit` of a plan needs it.
        """
        arguments = None if modified_arguments is None else dict(modified_arguments)
        body = _given(decision=decision, modified_arguments=arguments, feedback=feedback)
        path = f"{_session(session_id)}/approvals/{quote(approval_id, safe='')}"
        return self._command("decide_approval", path, body, Approval.from_json)

    def get_plan(self, session_id: str) -> Plan:
        """Return the session's newest plan; 404 `PLAN_NOT_FOUND` when it never had one."""
        return self._read("get_plan", _session(session_id) + "/plan", {}, Plan.from_json)

    def decide_plan(
        self, session_id: str, action: Literal["retry", "skip", "cancel"], *, subtask_id: str | None = None
    ) -> Plan:
        """Say how a plan goes on; 409 `PLAN_STATE` when it cannot. None lets the server choose the subtask."""
        body = _given(action=action, subtask_id=subtask_id)
        return self._command("decide_plan", _session(session_id) + "/plan", body, Plan.from_json)

    def get_content(self, content_url: str) -> str:
        """Return the whole content of a message that carries only its beginning."""
        return self._foreign_text("get_content", content_url)


def _session(session_id: str) -> str:
    return f"/sessions/{quote(session_id, safe='')}"


def _given(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}


def _listed(values: Sequence[JsonObject] | None) -> list[dict[str, Json]] | None:
    return None if values is None else [dict(value) for value in values]
