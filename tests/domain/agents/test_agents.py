"""The agents of this deployment."""

import pytest

from domain.agents import DEFAULT, REGISTRY, ROUTABLE
from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType
from domain.model.tools import TOOLS

EVERY_AGENT = pytest.mark.parametrize("spec", REGISTRY.values(), ids=lambda spec: spec.type.value)


@EVERY_AGENT
def test_agent_has_known_tools_when_it_is_registered(spec: AgentSpec) -> None:
    """Every tool exists, none twice, and a model sees them in the declared order."""
    assert set(spec.tools) <= set(TOOLS)
    assert len(set(spec.tools)) == len(spec.tools)
    assert [tool.name for tool in spec.tool_specs()] == list(spec.tools)


@EVERY_AGENT
def test_agent_is_told_what_it_is_when_it_is_registered(spec: AgentSpec) -> None:
    """It has a name, a sentence for the others, and a prompt of its own."""
    assert spec.name
    assert spec.description.endswith(".")
    assert sum(other.prompt == spec.prompt for other in REGISTRY.values()) == 1


@EVERY_AGENT
def test_prompt_names_only_tools_the_agent_has_when_it_names_any(spec: AgentSpec) -> None:
    """A model is not sent after tools that would be refused."""
    named = {name for name in TOOLS if name in spec.prompt}

    assert named <= set(spec.tools)


def test_registry_knows_each_agent_by_its_own_type_when_it_is_built() -> None:
    """No agent stands under another's name."""
    assert all(spec.type is agent for agent, spec in REGISTRY.items())


def test_agents_can_be_chosen_when_they_answer() -> None:
    """All but the orchestrator, which only routes; the default among them."""
    assert set(ROUTABLE) == set(REGISTRY) - {AgentType.ORCHESTRATOR}
    assert DEFAULT in ROUTABLE


@pytest.mark.parametrize("agent", ROUTABLE)
def test_agent_can_end_and_hand_over_when_it_answers(agent: AgentType) -> None:
    """Whoever answers can complete the task or pass it on."""
    assert {"attempt_completion", "switch_mode"} <= set(REGISTRY[agent].tools)


def test_orchestrator_and_ask_change_nothing_when_they_have_tools() -> None:
    """The one routes, the other reads."""
    assert REGISTRY[AgentType.ORCHESTRATOR].tools == ("switch_mode",)
    reading = {"read_file", "list_files", "search_in_code", "switch_mode", "attempt_completion"}
    assert set(REGISTRY[AgentType.ASK].tools) <= reading | {"ask_followup_question"}
