"""Asking which agents there are."""

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.queries.list_agents import ListAgentsQuery
from tests.support.system import ALICE, TRACE, memory_system


def test_agents_are_those_of_the_registry_when_they_are_listed() -> None:
    """Each once, the orchestrator first, with the tools it may use; its prompt stays ours."""
    items = memory_system().registry.execute(ListAgentsQuery(user=ALICE, trace=TRACE)).items

    assert [item.type for item in items] == list(REGISTRY)
    assert items[0].type is AgentType.ORCHESTRATOR
    assert all(item.tools == REGISTRY[item.type].tools for item in items)
    assert all("prompt" not in type(item).model_fields for item in items)


def test_file_rule_is_told_when_an_agent_has_one() -> None:
    """Who may not write everything says what."""
    items = memory_system().registry.execute(ListAgentsQuery(user=ALICE, trace=TRACE)).items

    assert {item.type: item.file_rule for item in items if item.file_rule} == {
        AgentType.ARCHITECT: "writes only *.md",
        AgentType.DEBUG: "writes nothing",
        AgentType.ASK: "reads only",
    }


def test_agents_are_two_when_the_deployment_has_one_for_everything() -> None:
    """Who is not registered is not listed."""
    items = memory_system(single_agent="true").registry.execute(ListAgentsQuery(user=ALICE, trace=TRACE)).items

    assert [item.type for item in items] == [AgentType.ORCHESTRATOR, AgentType.UNIVERSAL]
