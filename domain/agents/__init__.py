"""The agents, one file each; `REGISTRY` holds those that can be chosen."""

from collections.abc import Mapping

from domain.agents import ask, coder, orchestrator
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType

REGISTRY: Mapping[AgentType, AgentSpec] = {module.SPEC.type: module.SPEC for module in (orchestrator, coder, ask)}
"""Every agent of this deployment by type."""

DEFAULT = AgentType.CODER
"""Who answers when the agent that was asked for is not registered: the one that may do most."""

ROUTABLE = tuple(agent for agent in REGISTRY if agent is not AgentType.ORCHESTRATOR)
"""Agents that the orchestrator may choose."""
