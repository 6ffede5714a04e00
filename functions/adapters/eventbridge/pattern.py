"""What a rule must match so that a queue hears exactly the facts its subscriptions ask for. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.services.subscriptions import Subscription
from functions.adapters.eventbridge.envelope import SOURCE

Pattern = dict[str, Any]


def event_pattern(subscriptions: Sequence[Subscription]) -> Pattern:
    """Return one pattern that matches a fact's event when any of `subscriptions` matches the fact.

    One rule for all of them, since a rule each would put a fact that two ask for into the queue twice. Values are
    compared as JSON, so a field that holds a list cannot be filtered on.

    Args:
        subscriptions: At least one; their order and handlers do not matter to the rule.

    Returns:
        A pattern as EventBridge's PutRule takes it, over the envelope of the architecture's section 5.

    Raises:
        ValueError: there are none, and a rule without a wish would match everything.

    >>> from domain.services.subscriptions import TURNS
    >>> event_pattern([TURNS])
    {'source': ['agent-runtime'], 'detail-type': ['TurnRequested']}
    >>> event_pattern([Subscription("audit")])
    {'source': [{'prefix': 'agent-runtime'}]}

    Source:
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    if not subscriptions:
        raise ValueError("A rule needs at least one subscription; without one it would match every event.")
    alternatives = [alternative for subscription in subscriptions for alternative in _alternatives(subscription)]
    has_wildcard = any(subscription.is_wildcard for subscription in subscriptions)
    source: Pattern = {"source": [{"prefix": SOURCE}] if has_wildcard else [SOURCE]}
    if {} in alternatives:
        return source
    if len(alternatives) == 1:
        return source | alternatives[0]
    return source | {"$or": alternatives}


def _alternatives(subscription: Subscription) -> Iterator[Pattern]:
    """Yield the patterns of which one must match; priority and data are repeated in each."""
    if subscription.is_wildcard:
        yield _detail(subscription, {})
    if subscription.types:
        yield {"detail-type": [fact.type_name() for fact in subscription.types]} | _detail(subscription, {})
    if subscription.categories:
        yield _detail(subscription, {"category": [category.value for category in subscription.categories]})


def _detail(subscription: Subscription, metadata: Pattern) -> Pattern:
    detail: Pattern = {}
    if subscription.min_fact_priority:
        metadata = metadata | {"priority": [{"numeric": [">=", subscription.min_fact_priority]}]}
    if metadata:
        detail["metadata"] = metadata
    if subscription.data:
        detail["data"] = {name: [value] for name, value in subscription.data.items()}
    return {"detail": detail} if detail else {}
