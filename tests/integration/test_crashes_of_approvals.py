"""A decision or an expiry that dies between two statements is carried out once, and a repeat is told the same."""

from contextlib import suppress
from typing import Any

import pytest

from domain.model.approval import ApprovalStatus
from domain.model.message import CallStatus
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, ExpiryQueue
from functions.adapters.seam import IoSeam
from tests.integration.test_crashes import Death
from tests.support.asked_calls import EDITED, check_one_end, create_asking, expire
from tests.support.builders import fake_clock
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock, FakeTurnQueue, WorkerKilled
from tests.support.system import SETTINGS, System

DECISIONS: dict[str, dict[str, Any]] = {
    "approve": {},
    "edit": {"modified_arguments": EDITED},
    "reject": {"feedback": "No."},
}
WRITTEN = 4
"""Phase of a decision behind its commit, the answer to which is lost; it reads in two and writes in two."""
EXPIRY_POINTS = 4
"""An expiry is read once to see whether it is due, and once to be written."""


@pytest.fixture
def system(table_name: str) -> System:
    """A system whose clock is moved by hand."""
    return dynamodb_system(table_name, ports={Clock: FakeClock(), ExpiryQueue: FakeTurnQueue()})


@pytest.fixture
def asking(system: System) -> tuple[SessionKey, CallId]:
    """A session that waits for a person's leave, and the call."""
    return create_asking(system, 1)


@pytest.mark.parametrize("point", range(1, WRITTEN + 1))
@pytest.mark.parametrize("decision", list(DECISIONS))
def test_decision_is_taken_once_when_it_dies_and_is_repeated(
    system: System, asking: tuple[SessionKey, CallId], decision: str, point: int
) -> None:
    """Wherever the first try ended, the repeat with its key succeeds, and is told the same as anybody after it."""
    key, call_id = asking
    fields = DECISIONS[decision] | {"idempotency_key": "k"}
    death = Death(system.get(IoSeam), point)
    with suppress(WorkerKilled):
        system.decide(key, call_id, decision, **fields)
    death.leave()

    told = system.decide(key, call_id, decision, **fields)

    assert told.is_replayed == (point == WRITTEN)
    again = system.decide(key, call_id, decision, **fields)
    assert again.is_replayed
    assert again.model_dump() == told.model_dump()
    status, _ = check_one_end(system, key, call_id)
    assert told.status is status


@pytest.mark.parametrize("point", range(1, EXPIRY_POINTS + 1))
def test_approval_expires_once_when_its_expiry_dies_and_its_message_comes_back(
    system: System, asking: tuple[SessionKey, CallId], point: int
) -> None:
    """The message finds what the first one wrote, or writes it."""
    key, call_id = asking
    fake_clock(system).advance(int(SETTINGS.approval_seconds))
    death = Death(system.get(IoSeam), point)
    with pytest.raises(WorkerKilled):
        expire(system, key, call_id)
    death.leave()

    expire(system, key, call_id)

    assert check_one_end(system, key, call_id) == (ApprovalStatus.EXPIRED, CallStatus.EXPIRED)
