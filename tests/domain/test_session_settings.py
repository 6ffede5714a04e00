"""A session's own tools and policies: given when it begins, policies replaced later."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands.create_session import CreateSessionCommand
from domain.model.agent import AgentType
from domain.model.errors import InvalidInput, SessionInactive
from domain.model.events.session import SessionUpdated
from domain.model.settings import SessionSettings
from domain.model.value import SessionKey
from domain.ports import SessionRepository
from tests.support.builders import memory_store, scripted_model, text
from tests.support.system import ALICE, TRACE, System, memory_system

TOOL: dict[str, Any] = {
    "name": "deploy",
    "description": "Deploy a branch.",
    "parameters": {"type": "object", "properties": {"branch": {"type": "string"}}},
    "agents": ["coder", "debug"],
}
RULE: dict[str, Any] = {"request_type": "tool", "subject": "*", "action": "reject"}
OTHER: dict[str, Any] = RULE | {"action": "ask"}


def settings(system: System, key: SessionKey) -> SessionSettings:
    """What is stored of a session's settings."""
    stored: SessionSettings = system.get(SessionRepository).settings(key)
    return stored


def test_settings_are_stored_with_the_session_when_it_begins() -> None:
    """In the one commit that creates it, and no fact more."""
    system = memory_system()

    key = system.create(tools=[TOOL], policies=[RULE, OTHER])

    assert settings(system, key) == SessionSettings.model_validate({"tools": [TOOL], "policies": [RULE, OTHER]})
    assert system.session(key).has_settings
    assert len(memory_store(system).commits) == 1
    assert system.facts(key) == ["SessionCreated", "AgentAssigned"]


@pytest.mark.parametrize("fields", [{}, {"tools": []}, {"policies": []}, {"tools": [], "policies": []}])
def test_nothing_is_stored_beside_the_session_when_there_are_no_settings(fields: dict[str, Any]) -> None:
    """Empty lists are none."""
    system = memory_system()

    key = system.create(**fields)

    assert memory_store(system).commits[0].settings is None
    assert not system.session(key).has_settings


def test_policies_are_replaced_when_others_are_given() -> None:
    """The tools stay, and the fact names the field and not what is in it."""
    system = memory_system()
    key = system.create(tools=[TOOL], policies=[RULE])

    system.update(key, policies=[OTHER])

    assert settings(system, key) == SessionSettings.model_validate({"tools": [TOOL], "policies": [OTHER]})
    assert system.events(key)[-1].fact == SessionUpdated(fields=("policies",))


def test_policies_and_title_are_told_together_when_both_change() -> None:
    """One fact for one wish."""
    system = memory_system()
    key = system.create()

    system.update(key, title="New", policies=[RULE])

    assert system.events(key)[-1].fact == SessionUpdated(fields=("title", "policies"))
    assert len(settings(system, key).policies) == 1


def test_settings_are_gone_when_the_last_policy_is_taken_away() -> None:
    """The head no longer says that there are any, so that nobody looks."""
    system = memory_system()
    key = system.create(policies=[RULE])

    system.update(key, policies=[])

    assert settings(system, key).is_empty
    assert not system.session(key).has_settings


@pytest.mark.parametrize("policies", [[], [RULE], [RULE | {"conditions": {"x_eq": 1}}]])
def test_nothing_is_written_when_the_policies_are_as_asked_for(policies: list[Any]) -> None:
    """What is so already is not told again."""
    system = memory_system()
    key = system.create(policies=policies)

    system.update(key, policies=policies)

    assert len(memory_store(system).commits) == 1


def test_policies_are_replaced_when_only_json_tells_them_apart() -> None:
    """To Python, `true` is 1; to a condition it is not."""
    system = memory_system()
    key = system.create(policies=[RULE | {"conditions": {"x_eq": 1}}])

    system.update(key, policies=[RULE | {"conditions": {"x_eq": True}}])

    assert settings(system, key).policies[0].conditions["x_eq"] is True


def test_policies_are_refused_when_they_do_not_fit_beside_the_tools() -> None:
    """Together they take at most 32 KB, at the beginning and later."""
    tools = [TOOL | {"name": f"tool_{number}", "description": "x" * 1900} for number in range(8)]
    policies = [RULE | {"reason": "x" * 1900}] * 9
    system = memory_system()
    key = system.create(tools=tools)

    with pytest.raises(ValidationError, match="tools and policies together") as refused:
        CreateSessionCommand.model_validate({"user": ALICE, "trace": TRACE, "tools": tools, "policies": policies})
    with pytest.raises(InvalidInput) as refused_later:
        system.update(key, policies=policies)

    assert refused.value.errors()[0]["loc"] == ("policies",)
    assert [error.field for error in refused_later.value.errors] == ["policies"]
    assert "at most 32 KB" in refused_later.value.errors[0].message
    assert len(memory_store(system).commits) == 1


def test_policies_are_refused_when_the_session_is_inactive() -> None:
    """As every other change."""
    system = memory_system()
    key = system.create()
    system.update(key, is_active=False)

    with pytest.raises(SessionInactive):
        system.update(key, policies=[RULE])


def test_creation_is_a_repeat_when_key_and_settings_are_the_same() -> None:
    """Settings are part of what a key stands for."""
    system = memory_system()
    system.create(tools=[TOOL], policies=[RULE], idempotency_key="k")

    system.create(tools=[TOOL], policies=[RULE], idempotency_key="k")

    assert len(memory_store(system).commits) == 1


@pytest.mark.parametrize(("agent", "is_offered"), [(AgentType.CODER, True), (AgentType.ASK, False)])
def test_tool_is_offered_to_the_agents_it_names_when_they_speak(agent: AgentType, *, is_offered: bool) -> None:
    """Behind the agent's own tools, with the schema as the client wrote it."""
    system = memory_system(text())
    key = system.create(agent=agent, tools=[TOOL])
    system.say(key)

    system.work(key)

    (request,) = scripted_model(system).requests
    offered = [tool for tool in request.tools if tool.name == "deploy"]
    assert [tool.parameters for tool in offered] == ([TOOL["parameters"]] if is_offered else [])
    assert request.tools[-1:] == tuple(offered) or not is_offered
