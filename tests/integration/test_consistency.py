"""Reads see every answered write: the emulator always does, so it is the request that is looked at."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.model.idempotency import ReceiptKey
from domain.model.value import CallId, SessionKey
from domain.ports import ApprovalRepository, LogRepository, SessionRepository
from functions.adapters.aws import Aws
from tests.support.builders import calls, scripted_model, wants
from tests.support.system import System

RECEIPT_KEY = ReceiptKey(route="add_message", key="k")

READS: dict[str, Callable[[System, SessionKey], object]] = {
    "get": lambda system, key: system.get(SessionRepository).get(key),
    "settings": lambda system, key: system.get(SessionRepository).settings(key),
    "load": lambda system, key: system.get(SessionRepository).load(key, call_id=CallId("9-0"), receipt_key=RECEIPT_KEY),
    "load with an approval": lambda system, key: system.get(SessionRepository).load(
        key, call_id=CallId("9-0"), with_approval=True
    ),
    "plan": lambda system, key: system.get(SessionRepository).plan(key),
    "page": lambda system, key: system.get(LogRepository).page(key, after=0, limit=10),
    "page of messages": lambda system, key: system.get(LogRepository).page(key, after=0, limit=1, messages_only=True),
    "recent": lambda system, key: system.get(LogRepository).recent(key, turn=1),
}


def remembered(system: System) -> list[dict[str, Any]]:
    """Return the list that every request from now on is added to."""
    bodies: list[dict[str, Any]] = []

    def remember(params: dict[str, Any], **_: Any) -> None:
        bodies.append(json.loads(params["body"]))

    system.get(Aws).client("dynamodb").meta.events.register("before-call.dynamodb", remember)
    return bodies


def consistencies(bodies: list[dict[str, Any]]) -> list[Any]:
    """Return what each request says of consistency, per table."""
    of_tables = [table for body in bodies for table in body.get("RequestItems", {"the only one": body}).values()]
    return [table.get("ConsistentRead") for table in of_tables]


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_read_is_strongly_consistent_when_it_reaches_the_table(
    system: System, read: Callable[[System, SessionKey], object]
) -> None:
    """Every request of it says so."""
    key = system.create()
    system.say(key)
    bodies = remembered(system)

    read(system, key)

    assert consistencies(bodies) == [True]


def test_list_of_approvals_is_strongly_consistent_when_it_reaches_the_table(system: System) -> None:
    """Both of its requests: the approvals, and the log that holds what they show; or the head when there are none."""
    scripted_model(system).answers += [calls(wants("delete_file", path="a.py"))]
    asking, silent = system.create("s1", agent="coder"), system.create("s2")
    system.say(asking)
    system.work(asking)
    approvals = system.get(ApprovalRepository)
    bodies = remembered(system)

    assert len(approvals.newest(asking, limit=10)) == 1
    assert approvals.newest(silent, limit=10) == ()

    assert consistencies(bodies) == [True] * 4
