"""Which agent answers."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.message import Role
from domain.services.deployment import deployment
from domain.services.routing import Route, decide, decide_by_keywords, routing_request
from tests.support.builders import DEPLOYMENT, make_message, routes_to, text

QUESTION = (make_message(content="Where is the lock implemented?"),)
CHANGE = (make_message(content="Fix the lock."),)


def test_request_offers_registered_agents_only_when_a_model_is_asked() -> None:
    """The model chooses among those that can be chosen, described, and its answer must fit a schema."""
    request = routing_request(QUESTION, DEPLOYMENT)

    assert request.messages == QUESTION
    assert request.tools == ()
    assert request.response_schema
    assert request.response_schema["properties"]["agent"]["enum"] == ["coder", "architect", "debug", "ask"]
    assert request.response_schema["required"] == ["agent", "confidence", "is_atomic", "reason"]
    for agent in DEPLOYMENT.routable:
        assert f"- {agent.value}: {REGISTRY[agent].description}" in request.system
    assert "- orchestrator" not in request.system


@pytest.mark.parametrize("agent", DEPLOYMENT.routable)
@pytest.mark.parametrize("confidence", [0, 0.5, 1])
def test_model_decides_when_its_answer_fits(agent: AgentType, confidence: float) -> None:
    """Agent and confidence are the model's."""
    route = decide(routes_to(agent, confidence=confidence), QUESTION, DEPLOYMENT)

    assert route == Route(agent, confidence)
    assert not route.is_fallback


@pytest.mark.parametrize(
    "wrapped",
    ["```json\n{}\n```", "```\n{}\n```", "  {}  ", "\n\n```json{}```\n"],
    ids=["json", "bare", "blank", "tight"],
)
def test_model_decides_when_its_answer_stands_in_a_code_block(wrapped: str) -> None:
    """Models like to wrap JSON."""
    answer = text(wrapped.format(routes_to("ask").text))

    assert decide(answer, CHANGE, DEPLOYMENT) == Route(AgentType.ASK, 0.9)


VALID: dict[str, Any] = {"agent": "ask", "confidence": 0.9, "is_atomic": True, "reason": "r"}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "ask",
        "null",
        "[]",
        "{}",
        "{",
        json.dumps(VALID | {"agent": "boss"}),
        json.dumps(VALID | {"confidence": 1.1}),
        json.dumps(VALID | {"confidence": -0.1}),
        json.dumps(VALID | {"confidence": float("nan")}),
        json.dumps(VALID | {"reason": "x" * 2001}),
        json.dumps(VALID | {"thoughts": "hm"}),
        json.dumps({name: value for name, value in VALID.items() if name != "is_atomic"}),
        "I choose ask. " + json.dumps(VALID),
        "[" * 10_000,
    ],
)
def test_keywords_decide_when_the_answer_does_not_fit(answer: str) -> None:
    """No answer of a model can stop a turn: the words of the request say who is meant."""
    assert decide(text(answer), CHANGE, DEPLOYMENT) == Route(AgentType.CODER, None)
    assert decide(text(answer), QUESTION, DEPLOYMENT) == Route(AgentType.ASK, None)
    assert decide(text(answer), QUESTION, DEPLOYMENT).is_fallback


@pytest.mark.parametrize("agent", DEPLOYMENT.routable)
def test_architect_answers_when_a_request_is_not_atomic(agent: AgentType) -> None:
    """Whoever the model chose: what takes several steps is planned first."""
    assert decide(routes_to(agent, is_atomic=False), CHANGE, DEPLOYMENT).agent is AgentType.ARCHITECT


@pytest.mark.parametrize(("agent", "chosen"), [("coder", "coder"), ("ask", "ask"), ("debug", "coder")])
def test_agent_answers_itself_when_there_is_no_architect_for_a_big_request(agent: str, chosen: str) -> None:
    """A request that is not atomic goes to the architect; without one, to whom the model chose."""
    small = replace(DEPLOYMENT, routable=(AgentType.CODER, AgentType.ASK))

    assert decide(routes_to(agent, is_atomic=False), CHANGE, small).agent == chosen


def test_universal_answers_when_it_is_the_only_agent() -> None:
    """Whatever a model or keywords say, there is one to choose."""
    single = deployment(is_single_agent=True)

    assert decide(routes_to("coder"), CHANGE, single).agent is AgentType.UNIVERSAL
    assert decide_by_keywords(QUESTION, single).agent is AgentType.UNIVERSAL


@pytest.mark.parametrize("agent", sorted(set(AgentType) - set(DEPLOYMENT.routable)))
def test_default_answers_when_the_chosen_agent_is_not_registered(agent: AgentType) -> None:
    """Only registered agents can be chosen, and the orchestrator never by itself."""
    assert decide(routes_to(agent), QUESTION, DEPLOYMENT).agent is DEPLOYMENT.default


def test_newest_user_message_counts_when_keywords_decide() -> None:
    """What was said before, and what a model said since, does not."""
    messages = (*CHANGE, *QUESTION, make_message(Role.ASSISTANT, "Fix it and write a test."))

    assert decide_by_keywords(messages, DEPLOYMENT).agent is AgentType.ASK


@given(
    st.text() | st.builds(lambda part: json.dumps(VALID | part), st.dictionaries(st.sampled_from([*VALID]), st.text()))
)
def test_route_is_registered_when_a_model_says_anything(said: str) -> None:
    """Whatever comes, somebody answers."""
    assert decide(text(said), QUESTION, DEPLOYMENT).agent in DEPLOYMENT.routable
