"""What one deployment has and allows: its agents and its limits. Chosen when it is deployed, the same for everyone."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.agents import REGISTRY
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType


@dataclass(frozen=True)
class Limits:
    """Bounds of a turn.

    Attributes:
        rounds: Model calls in one turn, routing included.
        switches: Agent switches in one turn.
        refusals: Answers in a row of which every call was refused; one more ends the turn.
        approval_seconds: Time to decide on an approval.
    """

    rounds: int = 25
    switches: int = 5
    refusals: int = 3
    approval_seconds: int = 300


@dataclass(frozen=True)
class Deployment:
    """Agents and limits of this deployment.

    Attributes:
        agents: Those that are registered, by type, the orchestrator first; nobody else can be chosen.
        routable: Agents that the orchestrator chooses from, at least one.
        default: Who answers when the agent that was chosen is not among them: the one that may do most.
        limits: Bounds of a turn.
    """

    agents: Mapping[AgentType, AgentSpec]
    routable: tuple[AgentType, ...]
    default: AgentType
    limits: Limits = Limits()

    @property
    def orchestrator(self) -> AgentSpec:
        """Who routes."""
        return self.agents[AgentType.ORCHESTRATOR]

    @property
    def only_agent(self) -> AgentType | None:
        """The one agent there is to choose, so that nothing is left to decide; None when there are several."""
        return self.routable[0] if len(self.routable) == 1 else None


def deployment(*, is_single_agent: bool = False, limits: Limits | None = None) -> Deployment:
    """Return a deployment of every agent, or of orchestrator and universal alone.

    Among specialists universal is there for users who ask for it; the orchestrator chooses a specialist.

    Args:
        is_single_agent: Whether universal answers everything.
        limits: The usual ones when None.

    >>> deployment(is_single_agent=True).routable
    (<AgentType.UNIVERSAL: 'universal'>,)
    """
    generalists = (AgentType.ORCHESTRATOR, AgentType.UNIVERSAL)
    specialists = tuple(agent for agent in REGISTRY if agent not in generalists)
    return Deployment(
        agents={agent: REGISTRY[agent] for agent in (generalists if is_single_agent else REGISTRY)},
        routable=(AgentType.UNIVERSAL,) if is_single_agent else specialists,
        default=AgentType.UNIVERSAL if is_single_agent else AgentType.CODER,
        limits=limits or Limits(),
    )
