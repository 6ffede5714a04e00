"""What stands beside a session, with sane defaults: approvals, tools, rules, settings, leases, receipts."""

from datetime import timedelta
from typing import Any

from domain.model.approval import Approval
from domain.model.custom_tools import CustomTool
from domain.model.idempotency import KEPT, Receipt, ReceiptKey
from domain.model.lock import LEASE_SECONDS, Holder, Lease
from domain.model.policy import Action, RequestType, Rule
from domain.model.settings import SessionSettings
from domain.model.value import CallId
from domain.services.deployment import Limits
from tests.support.builders import make_running
from tests.support.fakes import START


def make_approval(call_id: str = "9-0", **fields: Any) -> Approval:
    """Return a pending approval of a call of `execute_command`."""
    defaults: dict[str, Any] = {
        "call_id": CallId(call_id),
        "request_type": RequestType.TOOL,
        "subject": "execute_command",
        "arguments": {"command": "make test"},
        "created_at": START,
        "expires_at": START + timedelta(seconds=Limits().approval_seconds),
    }
    return Approval(**defaults | fields)


def make_custom_tool(name: str = "deploy_preview", **fields: Any) -> CustomTool:
    """Return a tool of a client's own, which takes a `branch` and is the coder's."""
    parameters = {
        "type": "object",
        "properties": {"branch": {"type": "string", "minLength": 1}},
        "required": ["branch"],
        "additionalProperties": False,
    }
    defaults = {"description": "Deploy a branch.", "parameters": parameters, "agents": ["coder"]}
    return CustomTool.model_validate({"name": name} | defaults | fields)


def make_rule(subject: str = "*", action: Action = Action.REJECT, **fields: Any) -> Rule:
    """Return a rule about calls of tools."""
    return Rule(**{"request_type": RequestType.TOOL, "subject": subject, "action": action} | fields)


def make_settings(**fields: Any) -> SessionSettings:
    """Return what a client set for its session: a tool and a rule."""
    return SessionSettings(**{"tools": (make_custom_tool(),), "policies": (make_rule(),)} | fields)


def make_lease(fence: int = 1, **fields: Any) -> Lease:
    """Return the lock of a session whose first turn is owed."""
    session = make_running().model_copy(update={"fence": fence, "attempts": 1})
    defaults: dict[str, Any] = {
        "key": session.key,
        "holder": Holder(name="worker-1", cover="message-1", receipt="receipt-1"),
        "session": session,
        "until": START + timedelta(seconds=LEASE_SECONDS),
    }
    return Lease(fence=fence, **defaults | fields)


def make_receipt(route: str = "add_message", **fields: Any) -> Receipt:
    """Return what is remembered of a command with an idempotency key."""
    defaults: dict[str, Any] = {
        "name": ReceiptKey(route=route, key="key-1"),
        "fingerprint": "0" * 64,
        "noted": {},
        "expires_at": START + KEPT,
    }
    return Receipt(**defaults | fields)
