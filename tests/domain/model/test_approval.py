"""A human's yes or no to one call."""

from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given

from domain.model.approval import ApprovalStatus, approval_id_of, arguments_hash, call_id_of
from domain.model.value import CallId
from tests.functions.adapters.dynamodb.strategies import call_ids
from tests.support.entities import make_approval
from tests.support.fakes import START


@given(call_ids)
def test_call_is_known_when_its_approval_is_named(call_id: CallId) -> None:
    """The one follows from the other, both ways."""
    assert call_id_of(approval_id_of(call_id)) == call_id
    assert make_approval(call_id).id == approval_id_of(call_id)


@pytest.mark.parametrize("approval_id", ["", "9-0", "b-9-0", "A-9-0"])
def test_call_is_nobodys_when_the_id_is_none_of_ours(approval_id: str) -> None:
    """A call's own id does not decide it."""
    assert call_id_of(approval_id) == "none"


def test_hash_is_of_what_is_shown() -> None:
    """Anybody can compute it: SHA-256 of the compact JSON, keys in their order."""
    assert arguments_hash({"path": "é", "a": [1, None]}) == sha256('{"path":"é","a":[1,null]}'.encode()).hexdigest()
    assert arguments_hash({"a": 1, "b": 2}) != arguments_hash({"b": 2, "a": 1})
    assert make_approval(arguments={"a": 1}).arguments_sha256 == arguments_hash({"a": 1})


@pytest.mark.parametrize(("milliseconds", "stands"), [(-1, "pending"), (0, "expired"), (1, "expired")])
def test_pending_approval_expires_at_its_second(milliseconds: int, stands: str) -> None:
    """Whether or not somebody has written it."""
    approval = make_approval(expires_at=START)

    assert approval.status_at(START + timedelta(milliseconds=milliseconds)) == stands


@pytest.mark.parametrize("status", [status for status in ApprovalStatus if status is not ApprovalStatus.PENDING])
def test_decided_approval_stays_what_it_is_when_time_passes(status: ApprovalStatus) -> None:
    """Every other state is final."""
    assert make_approval(status=status).status_at(START + timedelta(days=365)) is status
