"""The agents, one file each; which of them a deployment has is its own choice (`domain.services.deployment`)."""

from collections.abc import Mapping

from domain.agents import architect, ask, coder, debug, orchestrator, universal
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType

REGISTRY: Mapping[AgentType, AgentSpec] = {
    module.SPEC.type: module.SPEC for module in (orchestrator, coder, architect, debug, ask, universal)
}
"""Every agent by type, the orchestrator first."""
