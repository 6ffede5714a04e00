"""What an agent may use in a session: its own tools, those the client declared, and which of them need a yes."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType
from domain.model.custom_tools import CustomTool, arguments_model
from domain.model.llm import ToolSpec
from domain.model.policy import DeploymentPolicy, RequestType, Verdict
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.tools import TOOLS
from domain.model.tools.tool import Tool, Where
from domain.model.value import JsonObject
from domain.ports import SessionRepository
from domain.services.deployment import Deployment

NEEDS_APPROVAL = {name: tool.needs_approval for name, tool in TOOLS.items()}


@dataclass(frozen=True)
class Toolbox:
    """The tools of one agent in one session.

    Attributes:
        agent: Whose.
        settings: The session's own tools and rules.
        policy: The deployment's rules.
    """

    agent: AgentSpec
    settings: SessionSettings
    policy: DeploymentPolicy

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tools, in the order the model sees them."""
        return (*self.agent.tools, *(tool.name for tool in self._declared()))

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as a model sees them."""
        return (*self.agent.tool_specs(), *(tool.spec() for tool in self._declared()))

    def find(self, name: str) -> Tool | None:
        """Return the tool `name`; None when the agent may not use it."""
        if name in self.agent.tools:
            return TOOLS[name]
        declared = next((tool for tool in self._declared() if tool.name == name), None)
        return Tool(name, arguments_model(declared), Where.CLIENT, needs_approval=True) if declared else None

    def verdict(self, request_type: RequestType, subject: str, arguments: JsonObject) -> Verdict:
        """Return whether a call or plan runs at once, needs a person's yes, or is refused."""
        return self.policy.decide(
            request_type, subject, arguments, needs_approval=NEEDS_APPROVAL, session=self.settings.policy
        )

    def _declared(self) -> Iterable[CustomTool]:
        return (tool for tool in self.settings.tools if self.agent.type in tool.agents)


class Toolboxes:
    """Makes toolboxes; sessions with settings of their own cost one request, others none."""

    def __init__(self, sessions: SessionRepository, deployment: Deployment, policy: DeploymentPolicy) -> None:
        self._sessions = sessions
        self._deployment = deployment
        self._policy = policy

    def settings(self, session: Session) -> SessionSettings:
        """Return what the client has set for the session."""
        return self._sessions.settings(session.key) if session.has_settings else SessionSettings()

    def of(self, agent: AgentType, settings: SessionSettings) -> Toolbox:
        """Return the toolbox of a registered agent."""
        return Toolbox(self._deployment.agents[agent], settings, self._policy)
