"""What a person does with approvals, as commands and queries of their own."""

from typing import Any

from domain.commands.decide_approval import DecideApprovalCommand
from domain.commands.expire_approval import ExpireApprovalCommand
from domain.commands.run_turn import Delivery
from domain.model.approval import call_id_of
from domain.model.value import SessionKey
from domain.queries.list_approvals import ApprovalDTO, ApprovalListDTO, ListApprovalsQuery
from tests.support.system import TRACE, System


def decide_approval(
    system: System, key: SessionKey, approval_id: str, decision: str = "approve", **fields: Any
) -> ApprovalDTO:
    """Decide an approval and return it."""
    command = DecideApprovalCommand.model_validate(
        {"user": key.user, "session_id": key.session_id, "trace": TRACE, "approval_id": approval_id}
        | {"decision": decision, "idempotency_key": system.idempotency_key}
        | fields
    )
    decided: ApprovalDTO = system.registry.execute_command(command)
    return decided


def deliver_expiry(system: System, key: SessionKey, approval_id: str, receipt: str = "receipt") -> Delivery:
    """Deliver the queue message that comes back when an approval's time is over."""
    command = ExpireApprovalCommand(
        user=key.user, session_id=key.session_id, trace=TRACE, call_id=call_id_of(approval_id), receipt=receipt
    )
    delivery: Delivery = system.registry.execute_command(command)
    return delivery


def approvals_of(system: System, key: SessionKey, **fields: Any) -> tuple[ApprovalDTO, ...]:
    """Return a session's approvals as its owner sees them, oldest first."""
    query = ListApprovalsQuery(user=key.user, session_id=key.session_id, trace=TRACE, **fields)
    found: ApprovalListDTO = system.registry.execute_query(query)
    return found.items
