"""What a sequential session answers to each operation, as far as the model knows it, and the same part of real answers.

Times, texts of the product's own and what a plan consists of are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.support.histories import Operation
from tests.support.session_state import Json, State

LIMITS = {"list_messages": 50, "list_events": 100}
"""Items of a page, unless more or fewer are asked for."""


def answer(state: State, operation: Operation, events: Sequence[Json]) -> Json:
    """Return what the operation is told when it leaves, or finds, the session in `state`.

    Args:
        state: Behind it.
        operation: Accepted.
        events: Of its own commit for a command; of the whole log so far for a query.
    """
    return _VIEWS[operation.name](state, operation, events)


def told(operation: Operation) -> Json:
    """Return the part of an operation's answer that `answer` speaks of."""
    return _TOLD.get(_VIEWS[operation.name], _as_it_is)(operation.answer or {})


def _session(state: State, _: Operation, __: Sequence[Json]) -> Json:
    return {
        "title": state.title,
        "is_active": state.is_active,
        "turn": state.turn,
        "status": state.status,
        "queued": state.last_turn - state.turn,
        "current_agent": state.agent,
        "message_count": state.messages,
        "last_seq": state.last_seq,
    }


def _agent(state: State, _: Operation, __: Sequence[Json]) -> Json:
    return {"current_agent": state.agent, "switch_count": state.switches}


def _plan(state: State, _: Operation, __: Sequence[Json]) -> Json:
    plan = state.planned
    subtasks = [[name, subtask.status, subtask.attempts, subtask.turn] for name, subtask in plan.subtasks.items()]
    return {"id": plan.id, "status": plan.status, "subtasks": subtasks}


def _approvals(state: State, _: Operation, __: Sequence[Json]) -> Json:
    return {"items": [[name, status] for name, status in state.approvals.items()]}


def _decision(state: State, operation: Operation, _: Sequence[Json]) -> Json:
    approval_id = operation.fields["approval_id"]
    return {"id": approval_id, "status": state.approvals[approval_id]}


def _own_message(_: State, operation: Operation, events: Sequence[Json]) -> Json:
    """The one message of the commit that carries what the client sent."""
    fields = operation.fields
    if operation.name == "add_message":
        asked = {"role": "user", "content": fields["content"]}
    else:
        content = fields["error"] if "error" in fields else fields["result"]
        asked = {"role": "tool", "content": content, "tool_call_id": fields["call_id"]}
    (event,) = [e for e in events if "message" in e and asked.items() <= e["message"].items()]
    return {"seq": event["seq"], "turn": event["turn"], **asked}


def _page(state: State, operation: Operation, events: Sequence[Json]) -> Json:
    """A page of the log as it is in `state`, calls as they are then."""
    after = operation.fields.get("after", 0)
    limit = operation.fields.get("limit", LIMITS[operation.name])
    is_listed = operation.name == "list_events"
    newer = [event for event in events if event["seq"] > after and (is_listed or "message" in event)]
    items = [_event(event, state) for event in newer[:limit]]
    return {"items": items, "next_after": items[-1][0] if items else after, "has_more": len(newer) > limit}


def _event(event: Json, state: State) -> list[Any]:
    message = event.get("message")
    if message is None:
        return [event["seq"], event["type"]]
    calls = {call["call_id"]: call["status"] for call in message.get("tool_calls", ())}
    now = {call_id: state.calls.get(call_id, status) for call_id, status in calls.items()}
    return [event["seq"], message["role"], message["content"], now]


_Answer = Callable[[State, Operation, Sequence[Json]], Json]
_VIEWS: Mapping[str, _Answer] = {
    "create_session": _session,
    "get_session": _session,
    "update_session": _session,
    "cancel_turn": _session,
    "add_message": _own_message,
    "add_tool_result": _own_message,
    "list_messages": _page,
    "list_events": _page,
    "get_agent_context": _agent,
    "switch_agent": _agent,
    "list_approvals": _approvals,
    "decide_approval": _decision,
    "get_plan": _plan,
    "decide_plan": _plan,
}
KNOWN = frozenset(_VIEWS)
"""Names of the functions that the model can judge."""


def _as_it_is(body: Json) -> Json:
    return body


def _told_session(body: Json) -> Json:
    turn = {"turn": body["turn"]["number"], "status": body["turn"]["status"]}
    return {"title": body.get("title"), **_only(body, "is_active", "queued", "current_agent"), **turn} | _only(
        body, "message_count", "last_seq"
    )


def _told_message(body: Json) -> Json:
    return _only(body, "seq", "turn", "role", "content", "tool_call_id")


def _told_page(body: Json) -> Json:
    items = [_told_event(item) for item in body["items"]]
    return {"items": items, "next_after": body["next_after"], "has_more": body["has_more"]}


def _told_event(item: Json) -> list[Any]:
    message = item.get("message", item if "role" in item else None)
    if message is None:
        return [item["seq"], item["type"]]
    calls = {call["call_id"]: call["status"] for call in message.get("tool_calls", ())}
    return [item["seq"], message["role"], message["content"], calls]


def _told_plan(body: Json) -> Json:
    subtasks = [[each["id"], each["status"], each["attempts"], each.get("turn")] for each in body["subtasks"]]
    return {"id": body["id"], "status": body["status"], "subtasks": subtasks}


def _only(body: Json, *names: str) -> Json:
    return {name: body[name] for name in names if name in body}


_TOLD: Mapping[_Answer, Callable[[Json], Json]] = {
    _session: _told_session,
    _own_message: _told_message,
    _page: _told_page,
    _agent: lambda body: _only(body, "current_agent", "switch_count"),
    _approvals: lambda body: {"items": [[item["id"], item["status"]] for item in body["items"]]},
    _decision: lambda body: _only(body, "id", "status"),
    _plan: _told_plan,
}
