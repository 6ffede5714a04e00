"""Decisions, results, cancellations and expiries at the same moment: an approval has one winner, whoever it is."""

from collections import Counter
from functools import partial

import pytest

from domain.model.approval import ApprovalStatus
from domain.model.errors import ApprovalAlreadyDecided, ApprovalRequired, Refusal, ToolCallClosed
from domain.model.message import CallStatus
from domain.model.session import TurnStatus
from domain.ports import Clock, ExpiryQueue
from domain.queries.list_approvals import ApprovalDTO
from tests.support.asked_calls import EDITED, check_one_end, create_asking, expire
from tests.support.at_once import at_once
from tests.support.builders import fake_clock
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import FakeClock, FakeTurnQueue
from tests.support.figures import Figures
from tests.support.system import SETTINGS, System

ROUNDS = {False: 8, True: 40}
"""Of each race, by whether everything is tried."""


@pytest.fixture
def rounds(whole: bool) -> int:
    """How often each race is held."""
    return ROUNDS[whole]


@pytest.fixture
def system(table_name: str) -> System:
    """A system whose time stands still, but for those who wait for others."""
    system = dynamodb_system(table_name, ports={Clock: FakeClock(), ExpiryQueue: FakeTurnQueue()})
    system.registry.prepare()
    return system


def test_one_decision_wins_when_eight_decide_at_once(system: System, rounds: int, figures: Figures) -> None:
    """One is told what it decided, seven that somebody was faster."""
    seen: Counter[str] = Counter()
    for number in range(rounds):
        key, call_id = create_asking(system, number)
        approve = partial(system.decide, key, call_id, "approve")
        edit = partial(system.decide, key, call_id, "edit", modified_arguments=EDITED)
        reject = partial(system.decide, key, call_id, "reject", feedback="No.")

        outcomes = at_once(approve, edit, reject, approve, edit, reject, approve, edit)

        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, ApprovalDTO)]
        assert sum(isinstance(outcome, ApprovalAlreadyDecided) for outcome in outcomes) == 7
        status, _ = check_one_end(system, key, call_id)
        assert winner.status is status
        seen[status.value] += 1
    figures.note(f"8 deciders at once, {rounds} times", **seen)


def test_everything_has_one_outcome_when_decision_expiry_cancel_and_result_race(
    system: System, rounds: int, figures: Figures
) -> None:
    """At the second of its expiry nobody can decide any more; before it, nobody can let it expire."""
    seen: Counter[str] = Counter()
    for number in range(rounds):
        key, call_id = create_asking(system, number)
        is_late = number % 2 == 1
        fake_clock(system).advance(int(SETTINGS.approval_seconds) if is_late else 1)

        outcomes = at_once(
            partial(system.decide, key, call_id, "approve"),
            partial(system.decide, key, call_id, "reject"),
            partial(expire, system, key, call_id),
            partial(expire, system, key, call_id),
            partial(system.cancel, key),
            partial(system.give, key, call_id, result="ran"),
        )

        approval, call = check_one_end(system, key, call_id)
        decided, result = outcomes[:2], outcomes[5]
        assert sum(isinstance(outcome, ApprovalDTO) for outcome in decided) <= (not is_late)
        assert approval in (
            {ApprovalStatus.EXPIRED, ApprovalStatus.CANCELLED}
            if is_late
            else {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED, ApprovalStatus.CANCELLED}
        )
        assert isinstance(result, ApprovalRequired | ToolCallClosed) == (call is not CallStatus.DONE)
        assert not isinstance(outcomes[4], Refusal)
        assert system.session(key).turn.status is TurnStatus.IDLE
        seen[f"{approval.value}, call {call.value}"] += 1
    figures.note(f"2 decisions, 2 expiries, a cancellation and a result at once, {rounds} times", **seen)
