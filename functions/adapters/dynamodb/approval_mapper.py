"""Approvals to their items; what was shown stays in the log."""

from domain.model.approval import Approval, ApprovalStatus
from domain.model.policy import RequestType
from domain.model.value import CallId, JsonObject, SessionKey
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import ApprovalItem, approval_sk, session_pk


class ApprovalMapper(BaseMapper[Approval, ApprovalItem]):
    """An approval of a session to its item.

    Args:
        key: The session.
        arguments: What the log says was shown, by call; an item alone does not make an entity.
    """

    def __init__(self, key: SessionKey, arguments: dict[CallId, JsonObject]) -> None:
        self._key = key
        self._arguments = arguments

    def to_model(self, entity: Approval) -> ApprovalItem:
        """Return the item."""
        return ApprovalItem(
            pk=session_pk(self._key),
            sk=approval_sk(entity.call_id),
            request_type=entity.request_type.value,
            subject=entity.subject,
            reason=entity.reason,
            status=entity.status.value,
            created_at=entity.created_at,
            expires_at=entity.expires_at,
            decided_at=entity.decided_at,
            feedback=entity.feedback,
            modified_arguments=entity.modified_arguments,
        )

    def to_entity(self, model: ApprovalItem) -> Approval:
        """Return the approval with what was shown."""
        call_id = approved_call_of(model.sk)
        return Approval(
            call_id=call_id,
            request_type=RequestType(model.request_type),
            subject=model.subject,
            arguments=self._arguments[call_id],
            reason=model.reason,
            status=ApprovalStatus(model.status),
            created_at=model.created_at,
            expires_at=model.expires_at,
            decided_at=model.decided_at,
            feedback=model.feedback,
            modified_arguments=model.modified_arguments,
        )


def approved_call_of(sk: str) -> CallId:
    """Return the call whose approval is stored under `sk`.

    >>> approved_call_of("APPROVAL#000000000009#03")
    '9-3'
    """
    _, seq, index = sk.split("#")
    return CallId(f"{int(seq)}-{int(index)}")
