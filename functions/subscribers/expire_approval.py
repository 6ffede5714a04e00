"""Lambda that lets approvals expire."""

from domain.commands.expire_approval import ExpireApprovalCommand
from domain.model.events.approval import ApprovalRequested
from functions.runtime.queue import Arrival, QueueFunction


def _command(arrival: Arrival) -> ExpireApprovalCommand:
    event = arrival.event
    if not isinstance(event.fact, ApprovalRequested):
        raise TypeError(f"{event.fact.type_name()} asks for no approval.")
    return ExpireApprovalCommand(
        user=event.key.user,
        session_id=event.key.session_id,
        trace=event.effect_trace,
        call_id=event.fact.call_id,
        receipt=arrival.receipt,
    )


handler = QueueFunction("expire_approval", _command)
