"""Receipts survive their item, whatever the client calls them."""

import pytest
from hypothesis import given

from domain.model.idempotency import Receipt, ReceiptKey
from functions.adapters.dynamodb.models import ReceiptItem
from functions.adapters.dynamodb.receipt_mapper import ReceiptMapper
from tests.functions.adapters.dynamodb.strategies import receipts
from tests.support.fakes import START

MAPPER = ReceiptMapper()


def again(receipt: Receipt) -> Receipt:
    """The receipt after it was stored and read."""
    item = MAPPER.to_model(receipt)
    item.pk = "USER#u"
    return MAPPER.to_entity(ReceiptItem.from_raw_data(item.serialize()))


@given(receipts)
def test_receipt_comes_back_the_same_when_stored(receipt: Receipt) -> None:
    """Name, fingerprint, note and the second in which it expires."""
    assert again(receipt) == receipt


@pytest.mark.parametrize("key", ["#", "a#b", "IDEM#AddMessage#k", " ", "x" * 128, "~ !"])
def test_receipt_keeps_its_name_when_the_key_looks_like_one_of_ours(key: str) -> None:
    """The client's part comes last, so nothing in it is taken for a separator."""
    name = ReceiptKey(route="AddMessage", key=key)

    assert again(Receipt(name=name, fingerprint="f", noted={}, expires_at=START)).name == name
    assert (
        MAPPER.to_model(Receipt(name=name, fingerprint="f", noted={}, expires_at=START)).sk == f"IDEM#AddMessage#{key}"
    )
