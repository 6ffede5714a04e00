"""Which operations a sequential session refuses, and what those that it carries out bring about.

Written from the HTTP contract, not from the handlers: plain comparisons on `State`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from functions.catalog import Kind, row
from tests.support.histories import Operation
from tests.support.session_facts import after_commit
from tests.support.session_state import ENDED, FINAL_CALLS, Json, Plan, State

DECISIONS = {"approve": "approved", "edit": "edited", "reject": "rejected"}


def refusal(state: State, operation: Operation) -> str | None:
    """Return the code with which a session in `state` refuses an operation; None when it carries it out.

    Receipts are not looked at: a repeat is recognised before this is asked.
    """
    if operation.name == "create_session":
        return "SESSION_ALREADY_EXISTS" if state.exists else None
    if not state.exists:
        return "SESSION_NOT_FOUND"
    found = _MISSING.get(operation.name, _nothing)(state, operation.fields)
    if found or row(operation.name).kind is Kind.QUERY:
        return found
    if not state.is_active and not (operation.name == "update_session" and operation.fields.get("is_active")):
        return "SESSION_INACTIVE"
    return _REFUSED.get(operation.name, _nothing)(state, operation.fields)


def is_idle(state: State, operation: Operation) -> bool:
    """Return whether a command that is accepted in `state` finds everything as it should be and writes nothing."""
    fields = operation.fields
    match operation.name:
        case "cancel_turn":
            is_planned = state.open_plan is not None and state.open_plan.status in {"approved", "in_progress"}
            return state.status in ENDED and not is_planned
        case "update_session":
            is_titled = fields.get("title") in {None, state.title}
            return is_titled and fields.get("is_active") in {None, state.is_active} and state.is_active
        case _:
            return False


def carried_out(state: State, operation: Operation, events: Sequence[Json]) -> State:
    """Return the state behind a client's commit.

    Raises:
        Impossible: one of its facts cannot be told where the session stands.
    """
    after = after_commit(state, events)
    if title := operation.fields.get("title"):
        after = replace(after, title=title)
    if operation.key:
        after = replace(after, receipts={**after.receipts, receipt_of(operation): operation.id})
    return after


def receipt_of(operation: Operation) -> tuple[str, str]:
    """Return what the receipt of a keyed operation is found under."""
    return operation.name, operation.key or ""


def has_effect(state: State, operation: Operation) -> bool:
    """Return whether the session in `state`, just behind the operation's commit, shows what it asked for."""
    fields = operation.fields
    match operation.name:
        case "cancel_turn":
            return state.status in ENDED and state.last_turn == state.turn
        case "update_session":
            return fields.get("is_active") in {None, state.is_active} and fields.get("title") in {None, state.title}
        case "switch_agent":
            return bool(state.agent == fields["target_agent"])
        case "add_tool_result":
            return state.calls[fields["call_id"]] == ("failed" if "error" in fields else "done")
        case "decide_approval":
            return state.approvals[fields["approval_id"]] == DECISIONS[fields["decision"]]
        case "decide_plan":
            return fields["action"] != "cancel" or state.planned.status == "cancelled"
        case _:
            return True


def _nothing(_: State, __: Json) -> None:
    return None


def _missing_call(state: State, fields: Json) -> str | None:
    return None if fields["call_id"] in state.calls else "TOOL_CALL_NOT_FOUND"


def _missing_approval(state: State, fields: Json) -> str | None:
    return None if fields["approval_id"] in state.approvals else "APPROVAL_NOT_FOUND"


def _missing_plan(state: State, _: Json) -> str | None:
    return None if state.plan else "PLAN_NOT_FOUND"


def _busy(state: State, fields: Json) -> str | None:
    return "SESSION_BUSY" if state.status not in ENDED and fields.get("on_busy") == "reject" else None


def _refused_switch(state: State, fields: Json) -> str | None:
    if fields["target_agent"] == state.agent:
        return "AGENT_SWITCH_ERROR"
    return _busy(state, {"on_busy": "reject"} | fields)


def _refused_result(state: State, fields: Json) -> str | None:
    status = state.calls[fields["call_id"]]
    if status == "awaiting_approval":
        return "APPROVAL_REQUIRED"
    return "TOOL_CALL_CLOSED" if status in FINAL_CALLS else None


def _refused_decision(state: State, fields: Json) -> str | None:
    return None if state.approvals[fields["approval_id"]] == "pending" else "APPROVAL_ALREADY_DECIDED"


def _refused_action(state: State, fields: Json) -> str | None:
    plan = state.open_plan
    return None if plan and _may(plan, fields["action"], fields.get("subtask_id")) else "PLAN_STATE"


def _may(plan: Plan, action: str, named: str | None) -> bool:
    if action == "cancel":
        return True
    failed = next((name for name, subtask in plan.subtasks.items() if subtask.status == "failed"), None)
    subtask = plan.subtasks.get(named or failed or "")
    if subtask is None:
        return False
    if action == "retry":
        return plan.status == "failed" and subtask.status == "failed"
    return plan.status in {"approved", "in_progress", "failed"} and subtask.status in {"failed", "pending"}


_MISSING: Mapping[str, Callable[[State, Json], str | None]] = {
    "add_tool_result": _missing_call,
    "decide_approval": _missing_approval,
    "decide_plan": _missing_plan,
    "get_plan": _missing_plan,
}
_REFUSED: Mapping[str, Callable[[State, Json], str | None]] = {
    "add_message": _busy,
    "add_tool_result": _refused_result,
    "decide_approval": _refused_decision,
    "decide_plan": _refused_action,
    "switch_agent": _refused_switch,
}
