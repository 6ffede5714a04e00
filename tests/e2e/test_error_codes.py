"""Every code of the contract, provoked: over HTTP, or on the handler where the local cloud cannot be brought to it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from domain.model.errors import StorageUnavailable
from domain.ports import SessionRepository
from functions.runtime.problems import STATUSES
from infra.local.cloud import LocalCloud
from infra.local.walk.directives import plan, said, subtask, tool
from infra.local.walk.run import CONTEXT
from tests.e2e.user import User
from tests.infra.synthesized import synthesized
from tests.support.edge import Edge
from tests.support.fakes import FailingPort
from tests.support.system import memory_system

OVER_5_MB = 5 * 1024 * 1024 + 1


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The system with little time to decide on approvals."""
    with LocalCloud.start(tmp_path_factory.mktemp("codes"), auth=True, context=CONTEXT) as running:
        yield running


def _unauthenticated(alice: User) -> httpx.Response:
    return User(alice.http, alice.url, None).send("GET", "/sessions")


def _malformed(alice: User) -> httpx.Response:
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Type": "application/json"}
    return alice.http.post(f"{alice.url}/v1/sessions", content="{", headers=headers)


def _key_reused(alice: User) -> httpx.Response:
    key = {"Idempotency-Key": "one-key"}
    alice.send("POST", "/sessions", {"title": "first"}, **key)
    return alice.send("POST", "/sessions", {"title": "second"}, **key)


def _exists(alice: User) -> httpx.Response:
    alice.send("POST", "/sessions", {"session_id": "taken"})
    return alice.send("POST", "/sessions", {"session_id": "taken"})


def _busy(alice: User) -> httpx.Response:
    session = alice.create(agent="coder")
    alice.say(session, "[[delay 2]] [[say later]]")
    return alice.send("POST", f"{session}/messages", {"content": "now", "on_busy": "reject"})


def _inactive(alice: User) -> httpx.Response:
    session = alice.create()
    alice.send("PATCH", session, {"is_active": False})
    return alice.send("POST", f"{session}/messages", {"content": "hello"})


def _awaiting(alice: User) -> tuple[str, Any]:
    """Return a session and its call that waits for a yes."""
    session = alice.create(agent="coder")
    alice.say(session, tool("write_file", path="a.txt", content="x"))
    alice.settled(session)
    return session, alice.messages(session)[-1]["tool_calls"][0]


def _unapproved(alice: User) -> httpx.Response:
    session, call = _awaiting(alice)
    return alice.send("POST", f"{session}/tool-results", {"call_id": call["call_id"], "result": None})


def _decided(alice: User) -> httpx.Response:
    session, call = _awaiting(alice)
    approval = f"{session}/approvals/{call['approval_id']}"
    alice.send("POST", approval, {"decision": "approve"})
    return alice.send("POST", approval, {"decision": "reject"})


def _expired(alice: User) -> httpx.Response:
    session, call = _awaiting(alice)
    after, types = 0, set[str]()
    while "ApprovalExpired" not in types:
        page = alice.get(f"{session}/events?after={after}&wait=20")
        after, types = page["next_after"], types | {event["type"] for event in page["items"]}
    return alice.send("POST", f"{session}/approvals/{call['approval_id']}", {"decision": "approve"})


def _closed(alice: User) -> httpx.Response:
    session = alice.create(agent="ask")
    alice.say(session, tool("read_file", path="a.md"))
    alice.settled(session)
    result = {"call_id": alice.messages(session)[-1]["tool_calls"][0]["call_id"], "result": ""}
    alice.send("POST", f"{session}/tool-results", result)
    return alice.send("POST", f"{session}/tool-results", result)


def _undecided_plan(alice: User) -> httpx.Response:
    session = alice.create(agent="architect")
    alice.say(session, plan("A plan", subtask("Look", "ask", said("seen"))))
    alice.settled(session)
    return alice.send("POST", f"{session}/plan", {"action": "retry"})


OVER_HTTP: Mapping[str, Callable[[User], httpx.Response]] = {
    "UNAUTHENTICATED": _unauthenticated,
    "ROUTE_NOT_FOUND": lambda alice: alice.send("GET", "/nothing"),
    "PAYLOAD_TOO_LARGE": lambda alice: alice.send("POST", "/sessions", {"title": "x" * OVER_5_MB}),
    "MALFORMED_JSON": _malformed,
    "VALIDATION_ERROR": lambda alice: alice.send("POST", "/sessions", {"title": " "}),
    "SESSION_NOT_FOUND": lambda alice: alice.send("GET", "/sessions/none"),
    "IDEMPOTENCY_KEY_REUSED": _key_reused,
    "APPROVAL_NOT_FOUND": lambda alice: alice.send(
        "POST", f"{alice.create()}/approvals/a-9-9", {"decision": "approve"}
    ),
    "PLAN_NOT_FOUND": lambda alice: alice.send("GET", f"{alice.create()}/plan"),
    "TOOL_CALL_NOT_FOUND": lambda alice: alice.send(
        "POST", f"{alice.create()}/tool-results", {"call_id": "9-9", "result": 1}
    ),
    "SESSION_ALREADY_EXISTS": _exists,
    "SESSION_BUSY": _busy,
    "SESSION_INACTIVE": _inactive,
    "AGENT_SWITCH_ERROR": lambda alice: alice.send(
        "POST", f"{alice.create(agent='ask')}/agent", {"target_agent": "ask"}
    ),
    "APPROVAL_ALREADY_DECIDED": _decided,
    "APPROVAL_EXPIRED": _expired,
    "APPROVAL_REQUIRED": _unapproved,
    "TOOL_CALL_CLOSED": _closed,
    "PLAN_STATE": _undecided_plan,
}
"""What a client does to be answered with a code."""


def _failing(failure: Exception) -> Callable[[], Any]:
    def provoke() -> Any:
        system = memory_system()
        system.container.register(SessionRepository, lambda: FailingPort(failure))
        return Edge(system).call("get_session").json

    return provoke


def _throttled() -> Any:
    (response,) = [
        found
        for found in synthesized().properties("AWS::ApiGateway::GatewayResponse")
        if found["ResponseType"] == "THROTTLED"
    ]
    return json.loads(response["ResponseTemplates"]["application/json"])


# The gateway's own; the local one does not throttle. | The local table always answers. | No input may provoke one.
ON_THE_HANDLER: Mapping[str, Callable[[], Any]] = {
    "RATE_LIMITED": _throttled,
    "STORAGE_UNAVAILABLE": _failing(StorageUnavailable()),
    "INTERNAL_ERROR": _failing(RuntimeError("a defect")),
}
"""What stands in for what the local cloud cannot be brought to, by code; returns the body."""


def test_every_code_is_provoked_in_one_way() -> None:
    """A code that is added to the contract has to be added here."""
    assert OVER_HTTP.keys() | ON_THE_HANDLER.keys() == STATUSES.keys()
    assert not OVER_HTTP.keys() & ON_THE_HANDLER.keys()


@pytest.mark.parametrize("code", OVER_HTTP)
def test_code_is_answered_when_a_client_does_what_it_forbids(alice: User, code: str) -> None:
    """Over HTTP, each refusal is a problem with its own status and code."""
    refused = OVER_HTTP[code](alice)

    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (refused.status_code, refused.json()["code"], refused.json()["status"]) == (
        STATUSES[code],
        code,
        STATUSES[code],
    )
    assert refused.headers["X-Correlation-Id"] == refused.json()["correlation_id"]


@pytest.mark.parametrize("code", ON_THE_HANDLER)
def test_code_is_answered_when_what_is_needed_fails(code: str) -> None:
    """What the local cloud cannot be brought to has the same shape."""
    body = ON_THE_HANDLER[code]()

    assert (body["code"], body["status"]) == (code, STATUSES[code])
    assert body["type"] == f"urn:agent-runtime:error:{code}"
