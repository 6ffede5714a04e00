"""Agents of a session: which one speaks, and how it came to."""

from datetime import datetime
from enum import StrEnum

from domain.model.value import Value


class AgentType(StrEnum):
    """Every specialised agent."""

    ORCHESTRATOR = "orchestrator"
    CODER = "coder"
    ARCHITECT = "architect"
    DEBUG = "debug"
    ASK = "ask"
    UNIVERSAL = "universal"


class AgentContext(Value):
    """Who speaks in a session.

    Attributes:
        current_agent: The agent that answers next.
        switch_count: Switches since the session began, 0 at first.
        last_switch_at: UTC time of the newest switch; None before the first.
    """

    current_agent: AgentType = AgentType.ORCHESTRATOR
    switch_count: int = 0
    last_switch_at: datetime | None = None

    def switched(self, to_agent: AgentType, at: datetime) -> "AgentContext":
        """Return the context after a switch to `to_agent` at `at` (UTC)."""
        return AgentContext(current_agent=to_agent, switch_count=self.switch_count + 1, last_switch_at=at)
