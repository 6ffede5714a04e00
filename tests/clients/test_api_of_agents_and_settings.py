"""What a client sends and reads about agents and a session's settings."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from clients.agent_views import Agent, AgentContext, AgentSwitch
from clients.api import AgentRuntimeApi
from clients.problems import ApiProblem
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_runtime import BASE_URL

SESSION = {
    "id": "s",
    "title": "T",
    "is_active": True,
    "turn": {"number": 0, "status": "idle"},
    "queued": 0,
    "current_agent": "ask",
    "message_count": 0,
    "last_seq": 2,
}
SWITCH = {"from_agent": "orchestrator", "to_agent": "ask", "reason": "routed", "at": "2026-01-01T00:00:00Z"}
CONTEXT = {"session_id": "s", "current_agent": "ask", "switch_count": 1}
CODER = {"type": "coder", "name": "Coder", "description": "Codes.", "tools": ["read_file"]}
RULE = {"request_type": "tool", "subject": "*", "action": "reject"}
Sent = tuple[str, str, Any]


def _exchange(act: Callable[[AgentRuntimeApi], Any], answer: Any) -> tuple[Sent, Any]:
    """Return what `act` sends to a server that answers `answer`, and what it returns."""
    sent: list[Sent] = []

    def handle(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        sent.append((request.method, request.url.raw_path.decode().removeprefix("/prefix/v1"), body))
        return httpx.Response(200, json=answer)

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        returned = act(AgentRuntimeApi(BASE_URL, "t", http))
    (one,) = sent
    return one, returned


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        (
            lambda api: api.update_session("s", title="T", policies=[RULE]),
            ("PATCH", "/sessions/s", {"title": "T", "policies": [RULE]}),
        ),
        (lambda api: api.update_session("s", is_active=False), ("PATCH", "/sessions/s", {"is_active": False})),
        (lambda api: api.update_session("s", policies=[]), ("PATCH", "/sessions/s", {"policies": []})),
        (
            lambda api: api.create_session(tools=[{"name": "x"}], policies=()),
            ("POST", "/sessions", {"tools": [{"name": "x"}], "policies": []}),
        ),
    ],
)
def test_settings_are_sent_as_given_and_nothing_else(act: Callable[[AgentRuntimeApi], Any], sent: Sent) -> None:
    """What is left out stays as it is; an empty list and false are not left out."""
    told, session = _exchange(act, SESSION)

    assert told == sent
    assert (session.id, session.title, session.current_agent) == ("s", "T", "ask")


def test_agents_are_typed_when_listed() -> None:
    """An agent without a rule on files has none."""
    told, agents = _exchange(lambda api: api.list_agents(), {"items": [CODER]})

    assert told == ("GET", "/agents", None)
    assert agents == (Agent("coder", "Coder", "Codes.", ("read_file",), None),)


@pytest.mark.parametrize(
    ("is_wanted", "answer", "history"),
    [
        (False, CONTEXT, None),
        (True, CONTEXT | {"history": [SWITCH]}, (AgentSwitch("orchestrator", "ask", "routed"),)),
    ],
)
def test_agent_context_has_a_history_exactly_when_wanted(
    is_wanted: bool, answer: dict[str, Any], history: tuple[AgentSwitch, ...] | None
) -> None:
    """The history costs the server more, so it is asked for by name."""
    told, context = _exchange(lambda api: api.get_agent_context("s", include_history=is_wanted), answer)

    assert told == ("GET", f"/sessions/s/agent?include_history={str(is_wanted).lower()}", None)
    assert context == AgentContext("s", "ask", 1, history)


@pytest.mark.parametrize(("on_busy", "sends"), [("reject", 1), ("interrupt", 2), (None, 2)])
def test_switch_waits_for_a_busy_session_unless_it_is_to_be_refused(on_busy: Any, sends: int) -> None:
    """With `reject` the caller decides what comes next; otherwise the same request goes out again."""
    answers = [
        httpx.Response(409, json={"code": "SESSION_BUSY", "detail": "Busy."}, headers={"Retry-After": "1"}),
        httpx.Response(200, json=CONTEXT),
    ]
    bodies: list[Any] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return answers[len(bodies) - 1]

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        api = AgentRuntimeApi(BASE_URL, "t", http, clock=FakeClock())
        try:
            api.switch_agent("s", "ask", reason="why", on_busy=on_busy)
        except ApiProblem as problem:
            bodies.append(problem.code)

    given = {"target_agent": "ask", "reason": "why"} | ({"on_busy": on_busy} if on_busy else {})
    assert bodies == ([given] * sends if sends == 2 else [given, "SESSION_BUSY"])
