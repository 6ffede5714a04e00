"""Who wants to hear which facts. From one declaration come the EventBridge rule and the dispatch in the subscriber."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.model.events.approval import ApprovalRequested
from domain.model.events.base import Category, Fact
from domain.model.events.turn import TurnRequested


@dataclass(frozen=True)
class Subscription:
    """A wish to hear facts; without `types` and `categories` it is a wildcard.

    Attributes:
        handler: Name of what handles them, unique within a subscriber.
        types: Fact classes asked for.
        categories: Categories asked for; a fact matches by type or by category.
        priority: Handlers of one subscriber run highest first, then in order of declaration.
        min_fact_priority: Only facts of at least this priority.
        data: Fields of the fact's data that must equal these values.
    """

    handler: str
    types: tuple[type[Fact], ...] = ()
    categories: tuple[Category, ...] = ()
    priority: int = 0
    min_fact_priority: int = 0
    data: Mapping[str, str | int | bool] = field(default_factory=dict)

    @property
    def is_wildcard(self) -> bool:
        """Whether every fact is asked for, whatever its type and category."""
        return not self.types and not self.categories

    def matches(self, fact: Fact) -> bool:
        """Return whether `fact` is asked for."""
        is_asked_for = self.is_wildcard or isinstance(fact, self.types) or fact.category in self.categories
        data = fact.model_dump(mode="json")
        return (
            is_asked_for
            and fact.priority >= self.min_fact_priority
            and all(data.get(name) == value for name, value in self.data.items())
        )


TURNS = Subscription("run_turn", types=(TurnRequested,), priority=100)
"""What starts a worker."""

EXPIRIES = Subscription("expire_approval", types=(ApprovalRequested,), priority=50)
"""What sees to it that an approval ends at its second."""
