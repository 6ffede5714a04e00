"""Approvals survive their item and the log."""

import pytest
from hypothesis import given

from domain.model.approval import Approval
from domain.model.value import CallId, SessionKey
from domain.services.call_checks import MAX_ARGUMENT_BYTES
from functions.adapters.dynamodb.approval_mapper import ApprovalMapper, approved_call_of
from functions.adapters.dynamodb.models import ApprovalItem, approval_sk
from tests.functions.adapters.dynamodb.strategies import approvals, call_ids, keys
from tests.support.builders import make_key
from tests.support.entities import make_approval
from tests.support.item_size import KILOBYTE, item_bytes


@given(keys, approvals)
def test_approval_comes_back_the_same_when_stored(key: SessionKey, approval: Approval) -> None:
    """Every field, absent ones included; what was shown comes from the log."""
    stored = ApprovalMapper(key, {}).to_model(approval).serialize()

    again = ApprovalMapper(key, {approval.call_id: approval.arguments}).to_entity(ApprovalItem.from_raw_data(stored))

    assert again == approval


@given(call_ids)
def test_call_is_found_when_only_the_sort_key_is_there(call_id: CallId) -> None:
    """The approval is named after its call, both ways."""
    assert approved_call_of(approval_sk(call_id) or "") == call_id


def test_sort_keys_are_in_the_order_of_the_questions() -> None:
    """Backwards is newest first."""
    ids = ["2-0", "9-0", "9-2", "9-10", "10-0", "999-15", "1000-0"]

    assert sorted(map(approval_sk, map(CallId, ids)), key=str) == [approval_sk(CallId(call_id)) for call_id in ids]


def test_approval_takes_one_unit_when_its_arguments_are_as_large_as_can_be() -> None:
    """What is shown stays in the log, so a question costs two units of a transaction whatever it shows."""
    approval = make_approval(arguments={"content": "x" * (MAX_ARGUMENT_BYTES - 20)}, reason="r" * 300)

    assert item_bytes(ApprovalMapper(make_key(), {}).to_model(approval).serialize()) <= KILOBYTE


@pytest.mark.parametrize("character", ["x", "🦉", '"'])
def test_edit_fits_its_item_when_it_is_as_large_as_can_be(character: str) -> None:
    """It is the approval's own."""
    edited = {"content": character * (MAX_ARGUMENT_BYTES // len(character.encode()))}
    approval = make_approval(modified_arguments=edited, feedback="🦉" * 2000)

    assert item_bytes(ApprovalMapper(make_key(), {}).to_model(approval).serialize()) < 400 * KILOBYTE
