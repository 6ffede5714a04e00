"""The agents of this deployment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agents import REGISTRY
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


def test_every_agent_is_registered_when_it_is_an_agent() -> None:
    """The type and the file are made together."""
    assert set(REGISTRY) == set(AgentType)
    assert next(iter(REGISTRY)) is AgentType.ORCHESTRATOR


@pytest.mark.parametrize("agent", [agent for agent in REGISTRY if agent is not AgentType.ORCHESTRATOR])
def test_agent_can_end_hand_over_and_ask_when_it_answers(agent: AgentType) -> None:
    """Whoever answers can complete the task, pass it on, or ask the user."""
    assert {"attempt_completion", "switch_mode", "ask_followup_question"} <= set(REGISTRY[agent].tools)


def test_universal_may_do_what_the_coder_may_when_it_works_alone() -> None:
    """It has the coder's tools and rule, and reckons besides."""
    universal, coder = REGISTRY[AgentType.UNIVERSAL], REGISTRY[AgentType.CODER]

    assert set(universal.tools) == {*coder.tools, "echo", "calculator"}
    assert universal.writable == coder.writable


@EVERY_AGENT
def test_prompt_says_how_to_end_when_the_agent_answers(spec: AgentSpec) -> None:
    """Role, tools, limits, how to work, how to end: the last of them always stands last."""
    answers = "attempt_completion" in spec.tools

    assert ("How to work:" in spec.prompt and "How to end:" in spec.prompt) is answers
    assert max(map(len, spec.prompt.splitlines())) <= 120


@given(st.text(alphabet="abmdMD./ \\é", min_size=1, max_size=20))
def test_architect_writes_markdown_only_when_it_writes_anything(path: str) -> None:
    """After normalising, whatever the spelling: the path ends in `.md` or is refused."""
    may = REGISTRY[AgentType.ARCHITECT].may_write(path)

    assert may is path.endswith(".md")


@given(st.text(min_size=1))
def test_agent_writes_anywhere_when_it_has_no_rule(path: str) -> None:
    """The one limit is the folder, which is checked before."""
    assert REGISTRY[AgentType.CODER].may_write(path)
