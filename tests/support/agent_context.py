"""Builds agent contexts."""

from collections.abc import Sequence
from datetime import timedelta

from domain.model.agent import AgentContext, AgentType
from tests.support.fakes import START


class AgentContextTestBuilder:
    """Builds agent contexts: `AgentContextTestBuilder().with_agent(AgentType.ASK).with_history(2).build()`."""

    def __init__(self) -> None:
        self._agent = AgentType.ORCHESTRATOR
        self._history: Sequence[AgentType] = ()

    def with_agent(self, agent: AgentType) -> "AgentContextTestBuilder":
        """Let `agent` be the current one."""
        self._agent = agent
        return self

    def with_history(self, switches: int = 1) -> "AgentContextTestBuilder":
        """Let so many switches lie behind it, a minute apart, the last one to the current agent."""
        others = (AgentType.ASK, AgentType.CODER)
        self._history = [others[place % 2] for place in range(switches)]
        return self

    def build(self) -> AgentContext:
        """Return the context."""
        context = AgentContext()
        for place, agent in enumerate(self._history):
            context = context.switched(agent, START + timedelta(minutes=place))
        return context.model_copy(update={"current_agent": self._agent})
