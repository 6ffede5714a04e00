"""Facts about who speaks."""

from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.events.base import Category, Fact


class AgentAssigned(Fact):
    """A session got its first agent."""

    category = Category.AGENT
    agent: AgentType


class SwitchReason(StrEnum):
    """Who or what changed the agent."""

    ROUTED = "routed"
    USER = "user"
    AGENT = "agent"
    COMPLETED = "completed"
    PLAN = "plan"


class AgentSwitched(Fact):
    """Another agent speaks from now on.

    Attributes:
        confidence: 0 to 1 as the classifier said; None when nobody classified.
        is_fallback: Keywords decided because the model's classification failed.
    """

    category = Category.AGENT
    from_agent: AgentType
    to_agent: AgentType
    reason: SwitchReason
    confidence: float | None = None
    is_fallback: bool = False


class AgentSwitchRefused(Fact):
    """An agent asked for a switch that is not allowed."""

    category = Category.AGENT
    from_agent: AgentType
    target: str
