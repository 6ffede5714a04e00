"""The budgets of what stops a turn and of what asks a person."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from domain.model.approval import approval_id_of
from domain.model.errors import ApprovalExpired
from domain.model.llm import RequestedCall
from domain.ports import Clock
from domain.queries.list_approvals import ListApprovalsQuery
from tests.support.bench import Bench, Budget
from tests.support.builders import calls, wants
from tests.support.deciding import decide_approval, deliver_expiry

Prepare = Callable[[Bench], Callable[[], object]]


def deletes(count: int) -> list[RequestedCall]:
    """Return so many calls that need a person's yes."""
    return [wants("delete_file", path=f"{number}.py") for number in range(count)]


def _cancel(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.cancel(bench.key)


def _cancel_while_running(bench: Bench) -> Callable[[], object]:
    bench.hold()
    return _cancel(bench)


def _cancel_while_asked(bench: Bench) -> Callable[[], object]:
    _ask(bench)
    return _cancel(bench)


def _turn(deletions: int) -> Prepare:
    def prepare(bench: Bench) -> Callable[[], object]:
        # The agent of a long session may change nothing.
        bench.system.switch(bench.key, "coder")
        bench.say()
        return lambda: bench.answer(calls(*deletes(deletions)))

    return prepare


def _ask(bench: Bench, deletions: int = 1) -> str:
    """Leave calls that wait for a person, and return the approval of the first."""
    _turn(deletions)(bench)()
    return approval_id_of(bench.system.session(bench.key).awaiting_approval[0])


def _decide(decision: str, **fields: Any) -> Prepare:
    def prepare(bench: Bench) -> Callable[[], object]:
        approval_id = _ask(bench)
        return lambda: decide_approval(bench.system, bench.key, approval_id, decision, **fields)

    return prepare


def _decide_late(bench: Bench) -> Callable[[], object]:
    approval_id = _ask(bench)
    bench.system.get(Clock).advance(300)

    def decide_late() -> None:
        with suppress(ApprovalExpired):
            decide_approval(bench.system, bench.key, approval_id)

    return decide_late


def _expire(*, after_seconds: float, is_decided: bool = False) -> Prepare:
    def prepare(bench: Bench) -> Callable[[], object]:
        approval_id = _ask(bench)
        if is_decided:
            decide_approval(bench.system, bench.key, approval_id)
        bench.system.get(Clock).advance(after_seconds)
        return lambda: deliver_expiry(bench.system, bench.key, approval_id)

    return prepare


def _list(bench: Bench) -> Callable[[], object]:
    return lambda: bench.ask(ListApprovalsQuery)


def _list_of_four(bench: Bench) -> Callable[[], object]:
    _ask(bench, 4)
    return _list(bench)


def _keyed(prepare: Prepare) -> Prepare:
    def prepared(bench: Bench) -> Callable[[], object]:
        operation = prepare(bench)
        bench.system.idempotency_key = "key of the benchmark"
        return operation

    return prepared


APPROVAL_BUDGETS = (
    Budget("CancelTurn", 2, 4, 1, _cancel_while_running),
    Budget("CancelTurn, nothing to stop", 1, 0, 1, _cancel),
    Budget("CancelTurn while a person is asked", 2, 8, 1, _cancel_while_asked),
    Budget("CancelTurn with a key", 2, 6, 2, _keyed(_cancel_while_running)),
    Budget("turn that opens a call that needs a yes", 3, 9, 36, _turn(1)),
    Budget("turn that opens two calls that need a yes, told in more than 1 KB", 3, 15, 36, _turn(2)),
    Budget("DecideApproval, approved", 2, 8, 4, _decide("approve")),
    Budget("DecideApproval, edited", 2, 8, 4, _decide("edit", modified_arguments={"path": "b.py"})),
    Budget("DecideApproval, rejected", 2, 8, 4, _decide("reject", feedback="No.")),
    Budget("DecideApproval with a key", 2, 10, 5, _keyed(_decide("approve"))),
    Budget("DecideApproval, too late, which writes the expiry", 2, 8, 4, _decide_late),
    Budget("ExpireApproval", 2, 8, 4, _expire(after_seconds=300)),
    Budget("ExpireApproval, before its time", 1, 0, 4, _expire(after_seconds=200)),
    Budget("ExpireApproval, decided before", 1, 0, 4, _expire(after_seconds=300, is_decided=True)),
    Budget("list of approvals", 2, 0, 2, _list_of_four),
    Budget("list of approvals, nobody asked", 2, 0, 1, _list),
)
"""Cancelling, and everything about approvals."""
