"""Ask which agents there are."""

from domain.agents import REGISTRY
from domain.cqrs import Answer, OfUser, Query
from domain.model.agent import AgentType


class AgentDTO(Answer):
    """An agent as users see it.

    Attributes:
        type: What to ask for it by.
        name: What people call it.
        description: What it does, in a sentence.
        tools: Names of the tools it may use.
        file_rule: What it may write, in a sentence; None when its tools are the only limit.
    """

    type: AgentType
    name: str
    description: str
    tools: tuple[str, ...]
    file_rule: str | None = None


class AgentListDTO(Answer):
    """Every agent of this deployment.

    Attributes:
        items: The orchestrator first.
    """

    items: tuple[AgentDTO, ...]


class ListAgentsQuery(OfUser, Query):
    """Ask which agents there are."""


class ListAgentsHandler:
    """Tells the registry; no request."""

    def handle(self, _: ListAgentsQuery) -> AgentListDTO:
        """Return the agents of this deployment, the orchestrator first."""
        return AgentListDTO(
            items=tuple(
                AgentDTO(
                    type=spec.type,
                    name=spec.name,
                    description=spec.description,
                    tools=spec.tools,
                    file_rule=spec.file_rule,
                )
                for spec in REGISTRY.values()
            )
        )
