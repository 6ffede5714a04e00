"""One scene or more for every function of the catalog: what was there before, what it is given, whom it asks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.model.value import SessionKey
from domain.services.deployment import Limits
from functions.catalog import Grant
from tests.support.builders import calls, completes, reads, scripted_model, wants
from tests.support.plans import fail_plan
from tests.support.samples import sample
from tests.support.system import System

Given = dict[str, Any]
LARGE = "🦉" * 90_000
"""A message that is kept in the bucket."""
GET, BATCH, QUERY, SCAN = "dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.Query", "dynamodb.Scan"
COMMIT, UPDATE = "dynamodb.TransactWriteItems", "dynamodb.UpdateItem"
PUT_OBJECT, GET_OBJECT = "s3.PutObject", "s3.GetObject"
HIDE, PARK = "sqs.ChangeMessageVisibility", "sqs.SendMessageBatch"
PUBLISH = "eventbridge.PutEvents"
CONVERSE = "bedrock-runtime.Converse"

ALLOWS: Mapping[Grant, frozenset[str]] = {
    Grant.TABLE_READ: frozenset({GET, BATCH, QUERY}),
    Grant.TABLE_WRITE: frozenset({COMMIT, UPDATE}),
    Grant.TABLE_SCAN: frozenset({SCAN}),
    Grant.CONTENT_READ: frozenset({GET_OBJECT}),
    Grant.CONTENT_WRITE: frozenset({PUT_OBJECT}),
    Grant.BUS_PUBLISH: frozenset({PUBLISH}),
    Grant.TURNS_EXTEND: frozenset({HIDE}),
    Grant.EXPIRIES_EXTEND: frozenset({HIDE}),
    Grant.PARK_COMMITS: frozenset({PARK}),
    Grant.MODEL_INVOKE: frozenset({CONVERSE}),
}
"""What each grant of the catalog lets a function ask for."""


def _nothing(_: System, __: SessionKey) -> None:
    """Leave the session as it was made."""


def _said(system: System, key: SessionKey) -> None:
    system.say(key, "What does README.md say?", agent="ask")


def _said_much(system: System, key: SessionKey) -> None:
    system.say(key, LARGE, agent="ask")


def _waiting(system: System, key: SessionKey) -> None:
    _said(system, key)
    scripted_model(system).answers += [calls(*reads("README.md"))]
    system.work(key)


def _asked(system: System, key: SessionKey) -> None:
    system.say(key, "Write it down.", agent="coder")
    scripted_model(system).answers += [calls(wants("write_file", path="notes.md", content="x"))]
    system.work(key)


def _to_be_routed(system: System, key: SessionKey) -> None:
    system.say(key, "First.", agent="ask")
    scripted_model(system).answers += [completes()]
    system.work(key)
    system.say(key, "Explain README.md.")


def _as_it_is(_: System, __: SessionKey, event: Given) -> Given:
    return event


def _of_open_call(system: System, key: SessionKey, event: Given) -> Given:
    (call_id,) = system.session(key).open_calls
    return event | {"body": json.dumps({"call_id": call_id, "result": "text"})}


def _of_approval(system: System, key: SessionKey, event: Given) -> Given:
    (call_id,) = system.session(key).awaiting_approval
    return event | {"pathParameters": event["pathParameters"] | {"approval_id": f"a-{call_id}"}}


def _of_expiry(system: System, key: SessionKey, event: Given) -> Given:
    (call_id,) = system.session(key).awaiting_approval
    (record,) = event["Records"]
    body = json.loads(record["body"])
    body["detail"]["data"] |= {"call_id": call_id, "approval_id": f"a-{call_id}"}
    return {"Records": [record | {"body": json.dumps(body)}]}


def _with_body(**fields: Any) -> Callable[[System, SessionKey, Given], Given]:
    return lambda _, __, event: event | {"body": json.dumps(fields)}


def _waiting_for_more(system: System, key: SessionKey, event: Given) -> Given:
    last = system.session(key).last_seq
    return event | {"queryStringParameters": {"after": str(last), "wait": "20"}}


@dataclass(frozen=True)
class Scene:
    """What is tried.

    Attributes:
        function: Row of the catalog.
        operations: Whom it asks, `service.Operation` each.
        prepare: What happened before.
        event: What the function is given, made from its sample.
        seconds: Between the two.
        down: An operation that fails all the time, whatever else does.
    """

    function: str
    operations: tuple[str, ...]
    prepare: Callable[[System, SessionKey], None] = _nothing
    event: Callable[[System, SessionKey, Given], Given] = _as_it_is
    seconds: float = 1.0
    down: str = ""
    is_created: bool = True

    def event_of(self, system: System, key: SessionKey) -> Given:
        """Return the event; a command carries an idempotency key, as a client's that means to repeat it."""
        event = self.event(system, key, sample(self.function))
        if "headers" in event:
            event["headers"] = event["headers"] | {"Idempotency-Key": "the-one"}
        return event


SCENES: Mapping[str, Scene] = {
    "create_session": Scene("create_session", (COMMIT,), is_created=False),
    "list_sessions": Scene("list_sessions", (QUERY,)),
    "get_session": Scene("get_session", (GET,)),
    "update_session": Scene("update_session", (BATCH, COMMIT)),
    "add_message": Scene("add_message", (BATCH, COMMIT)),
    "add_message, a large one": Scene("add_message", (BATCH, PUT_OBJECT, COMMIT), event=_with_body(content=LARGE)),
    "list_messages": Scene("list_messages", (QUERY,), _said),
    "add_tool_result": Scene("add_tool_result", (BATCH, COMMIT), _waiting, _of_open_call),
    "get_agent_context": Scene("get_agent_context", (GET, QUERY)),
    "switch_agent": Scene("switch_agent", (BATCH, COMMIT)),
    "list_approvals": Scene("list_approvals", (QUERY, BATCH), _asked),
    "decide_approval": Scene("decide_approval", (BATCH, COMMIT), _asked, _of_approval),
    "cancel_turn": Scene("cancel_turn", (BATCH, COMMIT), _said),
    "get_plan": Scene("get_plan", (GET,), fail_plan),
    "decide_plan": Scene("decide_plan", (BATCH, GET, COMMIT), fail_plan),
    "list_agents": Scene("list_agents", ()),
    "list_events": Scene("list_events", (QUERY,)),
    "list_events, waiting": Scene("list_events", (QUERY,), event=_waiting_for_more),
    "get_health": Scene("get_health", (GET,)),
    "publish_events": Scene("publish_events", (PUBLISH,)),
    "publish_events, parking": Scene("publish_events", (PARK,), down=PUBLISH),
    "run_turn": Scene("run_turn", (HIDE, UPDATE, QUERY, GET, CONVERSE, COMMIT), _said),
    "run_turn, a large message": Scene(
        "run_turn", (HIDE, UPDATE, QUERY, GET_OBJECT, GET, CONVERSE, COMMIT), _said_much
    ),
    "run_turn, routed": Scene("run_turn", (HIDE, UPDATE, QUERY, GET, CONVERSE, COMMIT), _to_be_routed),
    "expire_approval, in time": Scene("expire_approval", (BATCH, HIDE), _asked, _of_expiry),
    "expire_approval, due": Scene(
        "expire_approval", (BATCH, COMMIT), _asked, _of_expiry, seconds=Limits().approval_seconds
    ),
    "fail_turn": Scene("fail_turn", (UPDATE, COMMIT), _said),
    "sweep_approvals": Scene("sweep_approvals", (SCAN, BATCH, COMMIT), _asked, seconds=Limits().approval_seconds + 60),
}
"""A function that is added needs a scene; a test says so, and whom each scene asks."""
