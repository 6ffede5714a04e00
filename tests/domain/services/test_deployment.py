"""What a deployment has and allows."""

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.services.deployment import Limits, deployment


def test_every_agent_is_registered_when_nothing_else_is_said() -> None:
    """The orchestrator chooses among specialists; universal is there for those who ask for it."""
    usual = deployment()

    assert usual.agents == REGISTRY
    assert set(usual.routable) == set(REGISTRY) - {AgentType.ORCHESTRATOR, AgentType.UNIVERSAL}
    assert usual.only_agent is None
    assert usual.limits == Limits(rounds=25, switches=5, refusals=3, approval_seconds=300)


def test_universal_is_alone_when_there_is_a_single_agent() -> None:
    """Nothing is left to choose."""
    single = deployment(is_single_agent=True, limits=Limits(rounds=7))

    assert list(single.agents) == [AgentType.ORCHESTRATOR, AgentType.UNIVERSAL]
    assert single.only_agent is single.default is AgentType.UNIVERSAL
    assert single.limits.rounds == 7


@pytest.mark.parametrize("is_single_agent", [False, True])
def test_those_that_can_be_chosen_are_registered_when_a_deployment_is_made(*, is_single_agent: bool) -> None:
    """Whoever is chosen is there, and it is never the one that chooses."""
    made = deployment(is_single_agent=is_single_agent)

    assert {made.default, *made.routable} <= set(made.agents)
    assert made.orchestrator is REGISTRY[AgentType.ORCHESTRATOR]
    assert AgentType.ORCHESTRATOR not in made.routable
