"""The tools that are carried out here."""

from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitchRefused, SwitchReason
from domain.model.message import CallStatus
from domain.model.tools import TOOLS
from domain.model.tools.tool import Where
from domain.services.deployment import deployment
from domain.services.server_tools import SERVER_TOOLS, Outcome, Switch, run
from tests.support.builders import DEPLOYMENT, make_running


def outcome(tool: str, among: Any = DEPLOYMENT, /, switches: int = 0, **arguments: Any) -> Outcome:
    """Return what comes of a call of the coder."""
    parsed = TOOLS[tool].arguments.model_validate(arguments)
    return run(tool, parsed, make_running(switches=switches), among)


def test_every_server_tool_of_an_agent_is_carried_out_when_it_is_declared() -> None:
    """No agent is offered what nobody carries out, and nothing is carried out that is not declared."""
    offered = {name for spec in REGISTRY.values() for name in spec.tools if TOOLS[name].where is Where.SERVER}

    assert {*SERVER_TOOLS, "create_plan"} == offered
    assert {TOOLS[name].where for name in SERVER_TOOLS} == {Where.SERVER}


def test_text_comes_back_when_it_is_echoed() -> None:
    """As it is, also when there is none."""
    assert outcome("echo", text=" a\n") == Outcome(" a\n")
    assert outcome("echo", text="") == Outcome("")


def test_result_comes_back_when_an_expression_is_calculated() -> None:
    """And nothing else happens."""
    assert outcome("calculator", expr="6 * 7") == Outcome("42")


def test_call_fails_when_its_expression_has_no_result() -> None:
    """The call was allowed, so it failed; the sentence says why."""
    assert outcome("calculator", expr="1 / 0") == Outcome("Division by zero.", CallStatus.FAILED)


def test_question_ends_the_turn_when_the_user_is_asked() -> None:
    """What the user reads is the question; the agent stays."""
    asked = outcome("ask_followup_question", question="Which?", suggestions=["A", "B"])

    assert (asked.said, asked.ends_turn, asked.switch, asked.status) == ("Which?", True, None, CallStatus.DONE)


def test_task_is_over_when_it_is_completed() -> None:
    """The next message is routed afresh."""
    ended = outcome("attempt_completion", result="Done.")

    assert (ended.said, ended.ends_turn) == ("Done.", True)
    assert ended.switch == Switch(AgentType.ORCHESTRATOR, SwitchReason.COMPLETED)


@pytest.mark.parametrize("agent", sorted(set(AgentType) - {AgentType.CODER, AgentType.ORCHESTRATOR}))
def test_agent_is_switched_when_another_is_named(agent: AgentType) -> None:
    """The model's own words are kept, the schema's default is none of them."""
    assert outcome("switch_mode", mode=agent).switch == Switch(agent, SwitchReason.AGENT)
    assert outcome("switch_mode", mode=agent, reason="Why.").switch == Switch(agent, SwitchReason.AGENT, "Why.")


def test_switch_is_refused_when_the_agent_is_not_registered() -> None:
    """Only agents of this deployment can be chosen."""
    refused = outcome("switch_mode", deployment(is_single_agent=True), mode="ask")

    assert refused.status is CallStatus.REFUSED
    assert refused.refusal == AgentSwitchRefused(from_agent=AgentType.CODER, target="ask")
    assert "there is no agent ask" in refused.content
