"""Approvals of the fake runtime."""

from typing import Any

from tests.clients.fake_http import Reply, problem
from tests.clients.fake_plan import drafted, revised
from tests.clients.fake_session import FakeSession

_NAMES = {"approve": "approved", "edit": "edited", "reject": "rejected"}
_FACTS = {"approve": "ApprovalGranted", "edit": "ApprovalEdited", "reject": "ApprovalRejected"}


def approval_of(session: FakeSession, call: dict[str, Any]) -> None:
    """Ask for a decision about a call."""
    is_plan = call["tool"] == "create_plan"
    session.approvals[call["approval_id"]] = {
        "id": call["approval_id"],
        "request_type": "plan" if is_plan else "tool",
        "subject": call["arguments"]["title"] if is_plan else call["tool"],
        "arguments": call["arguments"],
        "arguments_sha256": "0" * 64,
        "reason": "default",
        "call_id": call["call_id"],
        "status": "pending",
        "created_at": "2026-01-01T12:00:00Z",
        "expires_at": "2026-01-01T12:05:00Z",
    }
    if is_plan:
        drafted(session, call["arguments"])
    session.fact(
        "ApprovalRequested",
        approval_id=call["approval_id"],
        request_type="plan" if is_plan else "tool",
        subject=session.approvals[call["approval_id"]]["subject"],
        call_id=call["call_id"],
        arguments_sha256="0" * 64,
        expires_at="2026-01-01T12:05:00Z",
    )


def listed(session: FakeSession, status: str | None) -> Reply:
    """Return the approvals of one status, or all."""
    return Reply(200, {"items": [one for one in session.approvals.values() if status in {None, one["status"]}]})


def decide(session: FakeSession, approval_id: str, body: dict[str, Any]) -> Reply:
    """Decide, once; a call that is not granted is closed."""
    approval = session.approvals.get(approval_id)
    if approval is None:
        return problem(404, "APPROVAL_NOT_FOUND")
    if approval["status"] != "pending":
        is_expired = approval["status"] == "expired"
        return problem(409, "APPROVAL_EXPIRED" if is_expired else "APPROVAL_ALREADY_DECIDED")
    is_plan, verdict = approval["request_type"] == "plan", body["decision"]
    if verdict == "edit" and ("feedback" if is_plan else "modified_arguments") not in body:
        return problem(422, "VALIDATION_ERROR")
    approval["status"] = _NAMES[verdict]
    approval.update({name: body[name] for name in ("feedback", "modified_arguments") if name in body})
    call = session.calls[approval["call_id"]]
    session.fact(_FACTS[verdict], approval_id=approval_id, call_id=call["call_id"])
    if is_plan:
        call["status"] = "done"
        revised(session, verdict)
    elif verdict == "reject":
        call["status"] = "rejected"
        session.message("tool", body.get("feedback", ""), tool_call_id=call["call_id"], outcome="rejected")
    else:
        call["status"] = "approved"
    return Reply(200, approval)
