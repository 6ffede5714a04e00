"""Ask which agents there are."""

from domain.cqrs import Answer, OfUser, Query
from domain.model.agent import AgentType
from domain.services.deployment import Deployment


class AgentDTO(Answer):
    """An agent as users see it.

    Attributes:
        type: What to ask for it by.
        name: What people call it.
        description: What it does, in a sentence.
        tools: Names of the tools it may use.
        file_rule: What it may write, in a few words; None when it may write everything, or never meets a file.
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
    """Tells who is registered; no request."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

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
                for spec in self._deployment.agents.values()
            )
        )
