"""Who wants to hear which facts."""

import pytest

from domain.model.agent import AgentType
from domain.model.events import FACTS
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.base import Category, Fact
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnCompleted, TurnFailed, TurnReason, TurnRequested
from domain.model.session import TurnErrorCode
from domain.services.subscriptions import TURNS, Subscription

REQUESTED = TurnRequested(turn=1, reason=TurnReason.MESSAGE)
FAILED = TurnFailed(turn=1, code=TurnErrorCode.TURN_LIMIT)
COMPLETED = TurnCompleted(turn=1, agent=AgentType.ASK, rounds=2)
CREATED = SessionCreated(has_title=True)
SWITCHED = AgentSwitched(from_agent=AgentType.ASK, to_agent=AgentType.CODER, reason=SwitchReason.USER, is_fallback=True)
SAMPLES = (REQUESTED, FAILED, COMPLETED, CREATED, SWITCHED)


@pytest.mark.parametrize(
    ("subscription", "heard"),
    [
        (Subscription("s"), SAMPLES),
        (Subscription("s", types=(TurnFailed,)), (FAILED,)),
        (Subscription("s", types=(TurnFailed, SessionCreated)), (FAILED, CREATED)),
        (Subscription("s", categories=(Category.TURN,)), (REQUESTED, FAILED, COMPLETED)),
        (Subscription("s", types=(SessionCreated,), categories=(Category.AGENT,)), (CREATED, SWITCHED)),
        (Subscription("s", categories=(Category.PLAN,)), ()),
        (Subscription("s", min_fact_priority=90), (REQUESTED, FAILED)),
        (Subscription("s", min_fact_priority=91), (REQUESTED,)),
        (Subscription("s", categories=(Category.TURN,), min_fact_priority=51), (REQUESTED, FAILED)),
        (Subscription("s", data={"agent": "ask"}), (COMPLETED,)),
        (Subscription("s", data={"turn": 1}), (REQUESTED, FAILED, COMPLETED)),
        (Subscription("s", data={"turn": 1, "rounds": 2}), (COMPLETED,)),
        (Subscription("s", data={"turn": 1, "rounds": 3}), ()),
        (Subscription("s", data={"has_title": True}), (CREATED,)),
        (Subscription("s", data={"is_fallback": True, "to_agent": "coder"}), (SWITCHED,)),
        (Subscription("s", types=(TurnFailed,), data={"code": "TURN_FAILED"}), ()),
    ],
    ids=[
        "wildcard",
        "type",
        "types",
        "category",
        "type or category",
        "other category",
        "priority",
        "higher priority",
        "category and priority",
        "data",
        "number",
        "all data",
        "one datum off",
        "boolean",
        "text and boolean",
        "type and other data",
    ],
)
def test_subscription_hears_when_a_fact_is_asked_for(subscription: Subscription, heard: tuple[Fact, ...]) -> None:
    """By type, category or wildcard; priority and data narrow it down."""
    assert tuple(fact for fact in SAMPLES if subscription.matches(fact)) == heard


@pytest.mark.parametrize(
    ("subscription", "is_wildcard"),
    [
        (Subscription("s"), True),
        (Subscription("s", min_fact_priority=90, data={"turn": 1}), True),
        (Subscription("s", types=(TurnFailed,)), False),
        (Subscription("s", categories=(Category.TURN,)), False),
    ],
)
def test_subscription_is_a_wildcard_when_it_names_no_kind(subscription: Subscription, *, is_wildcard: bool) -> None:
    """Filters do not make it less of one."""
    assert subscription.is_wildcard is is_wildcard


def test_workers_are_started_by_requested_turns_only_when_facts_are_told() -> None:
    """`TurnRequested` is the one fact that the turns rule matches."""
    assert TURNS.types == (TurnRequested,)
    assert not TURNS.categories
    assert TURNS.matches(REQUESTED)
    assert [name for name, fact in FACTS.items() if issubclass(fact, TURNS.types)] == ["TurnRequested"]
