"""Rules deliver what subscriptions ask for: the derived pattern and `Subscription.matches` always agree."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.model.events import FACTS
from domain.model.events.base import Category, Fact
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnReason, TurnRequested
from domain.model.log import Event
from domain.model.value import CorrelationId, SessionKey, Trace, UserId
from domain.services.subscriptions import TURNS, Subscription
from functions.adapters.eventbridge.envelope import SOURCE, to_detail
from functions.adapters.eventbridge.pattern import event_pattern
from functions.catalog import CATALOG, Queue
from tests.infra.event_pattern import is_matched

MAX_PATTERN_CHARACTERS = 2048
QUEUES = [row.trigger for row in CATALOG if isinstance(row.trigger, Queue)]


def _event_of(fact: Fact, source: str = SOURCE) -> dict[str, Any]:
    event = Event(
        key=SessionKey(user=UserId("u" * 43), session_id="s-1"),
        incarnation="inc",
        seq=3,
        turn=1,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        trace=Trace(correlation_id=CorrelationId("c-1")),
        fact=fact,
    )
    envelope = {"source": source, "detail-type": fact.type_name(), "detail": to_detail(event)}
    return dict(json.loads(json.dumps(envelope)))


def _values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Few values of a type, so that filters meet them; `1` and `true` are different for EventBridge."""
    if annotation is float or float in get_args(annotation):
        return st.sampled_from([0.25, 0.5, None] if get_args(annotation) else [0.25, 0.5])
    if annotation is int:
        return st.integers(2, 4)
    if annotation is str:
        return st.sampled_from(["a", "b", "ab"])
    return st.from_type(annotation)


def _facts_of(type_: type[Fact]) -> st.SearchStrategy[Fact]:
    return st.builds(type_, **{name: _values_of(info.annotation) for name, info in type_.model_fields.items()})


for deferred in FACTS.values():
    # Built at the first use otherwise, which Hypothesis would take for slow drawing.
    deferred.model_rebuild()

FACTS_ANY = st.one_of([_facts_of(type_) for type_ in FACTS.values()])


@st.composite
def filters(draw: st.DrawFn) -> dict[str, str | int | bool]:
    """Up to two of a fact's single values, so that a filter often meets the facts that have them."""
    data = draw(FACTS_ANY).model_dump(mode="json", exclude_none=True)
    usable = {name: value for name, value in data.items() if isinstance(value, str | int)}
    names = draw(st.lists(st.sampled_from(sorted(usable)), max_size=2, unique=True)) if usable else []
    return {name: usable[name] for name in names}


SUBSCRIPTIONS = st.builds(
    Subscription,
    handler=st.just("any"),
    types=st.lists(st.sampled_from(list(FACTS.values())), max_size=3, unique=True).map(tuple),
    categories=st.lists(st.sampled_from(Category), max_size=2, unique=True).map(tuple),
    min_fact_priority=st.sampled_from([0, 50, 51, 90, 100]),
    data=st.one_of(st.just({}), filters()),
)


@given(subscriptions=st.lists(SUBSCRIPTIONS, min_size=1, max_size=3), fact=FACTS_ANY)
@example(subscriptions=[TURNS], fact=TurnRequested(turn=1, reason=TurnReason.MESSAGE))
def test_rule_delivers_a_fact_exactly_when_a_subscription_matches_it(
    subscriptions: Sequence[Subscription], fact: Fact
) -> None:
    """A rule delivers a fact exactly when one of its subscriptions matches the fact."""
    pattern = event_pattern(subscriptions)

    delivered = is_matched(_event_of(fact), pattern)

    assert delivered == any(subscription.matches(fact) for subscription in subscriptions)


@given(subscriptions=st.lists(SUBSCRIPTIONS, min_size=1, max_size=3), fact=FACTS_ANY)
def test_rule_delivers_nothing_when_the_event_is_somebody_elses(
    subscriptions: Sequence[Subscription], fact: Fact
) -> None:
    """An event of another source is never delivered, whatever it looks like."""
    pattern = event_pattern(subscriptions)

    assert not is_matched(_event_of(fact, source="aws.s3"), pattern)


@given(subscriptions=st.lists(SUBSCRIPTIONS, min_size=1, max_size=3))
def test_pattern_is_acceptable_to_eventbridge(subscriptions: Sequence[Subscription]) -> None:
    """Every leaf is a non-empty list and every `$or` has alternatives, each with a condition, as PutRule demands."""
    pattern = event_pattern(subscriptions)

    alternatives = pattern.get("$or", [{}, {}])

    assert len(alternatives) >= 2
    assert "$or" not in pattern or all(alternatives)
    assert all(leaf for part in [pattern, *alternatives] for leaf in _leaves(part))


def _leaves(pattern: dict[str, Any]) -> list[list[Any]]:
    return [
        leaf
        for key, value in pattern.items()
        if key != "$or"
        for leaf in (_leaves(value) if isinstance(value, dict) else [value])
    ]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_pattern_is_short_enough_when_it_is_in_the_catalog(queue: Queue) -> None:
    """No rule of the catalog is longer than EventBridge takes."""
    assert len(json.dumps(event_pattern(queue.subscriptions))) <= MAX_PATTERN_CHARACTERS


def test_pattern_joins_alternatives_when_types_and_categories_are_asked_for() -> None:
    """A fact matches by type or by category, and priority and data hold for both."""
    wish = Subscription(
        "audit", types=(SessionCreated,), categories=(Category.AGENT,), min_fact_priority=60, data={"has_title": True}
    )

    pattern = event_pattern([wish])

    priority = [{"numeric": [">=", 60]}]
    assert pattern == {
        "source": ["agent-runtime"],
        "$or": [
            {
                "detail-type": ["SessionCreated"],
                "detail": {"metadata": {"priority": priority}, "data": {"has_title": [True]}},
            },
            {"detail": {"metadata": {"category": ["agent"], "priority": priority}, "data": {"has_title": [True]}}},
        ],
    }


def test_pattern_is_refused_when_nobody_subscribes() -> None:
    """A rule without a subscription would deliver everything, so there is none."""
    with pytest.raises(ValueError, match="at least one subscription"):
        event_pattern([])
