"""Receipts to items."""

from datetime import UTC, datetime

from domain.model.idempotency import Receipt, ReceiptKey
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import RECEIPT_PREFIX, ReceiptItem, receipt_sk


class ReceiptMapper(BaseMapper[Receipt, ReceiptItem]):
    """A receipt to its item; the partition is the writer's to set."""

    def to_model(self, entity: Receipt) -> ReceiptItem:
        """Return the item, without its partition key."""
        return ReceiptItem(
            sk=receipt_sk(entity.name),
            fingerprint=entity.fingerprint,
            noted=entity.noted,
            expires_at_seconds=int(entity.expires_at.timestamp()),
        )

    def to_entity(self, model: ReceiptItem) -> Receipt:
        """Return the receipt; its name is in the sort key."""
        route, _, key = model.sk.removeprefix(RECEIPT_PREFIX).partition("#")
        return Receipt(
            name=ReceiptKey(route=route, key=key),
            fingerprint=model.fingerprint,
            noted=model.noted,
            expires_at=datetime.fromtimestamp(int(model.expires_at_seconds), UTC),
        )
