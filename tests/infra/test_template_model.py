"""The template lets functions call the chosen model, tells them where it is, and holds no key."""

import json
from typing import Any

import pytest

from functions.catalog import CATALOG, Grant
from tests.infra.synthesized import AWS, CONTEXTS, LOCAL, TRIAL, statements, synthesized

ACTIONS = {AWS: {"bedrock:InvokeModel"}, LOCAL: set(), TRIAL: {"secretsmanager:GetSecretValue"}}


def _model_actions(role: dict[str, Any]) -> set[str]:
    return {
        action
        for statement in statements(role)
        for action in statement["Action"]
        if action.partition(":")[0] in {"bedrock", "secretsmanager", "ssm"}
    }


@pytest.mark.parametrize("name", CONTEXTS)
def test_roles_may_call_the_model_only_where_it_is_called(name: str) -> None:
    """Only the function that works off turns has leave; cdk-nag finds nothing, whatever was chosen."""
    found = synthesized(name)

    for row in CATALOG:
        expected = ACTIONS[name] if Grant.MODEL_INVOKE in row.grants else set()
        assert _model_actions(found.role_of(row.name)) == expected
    assert found.report["pluginReports"] == []


def test_functions_are_told_in_their_environment_what_was_chosen() -> None:
    """The template carries where the key is, so there is none in it to steal."""
    variables = synthesized(TRIAL).function("run_turn")["Environment"]["Variables"]

    assert {name: value for name, value in variables.items() if name.startswith("AGENT_RUNTIME_MODEL")} == {
        "AGENT_RUNTIME_MODEL": "openai",
        "AGENT_RUNTIME_MODEL_ID": CONTEXTS[TRIAL]["model_id"],
        "AGENT_RUNTIME_MODEL_BASE_URL": CONTEXTS[TRIAL]["model_base_url"],
        "AGENT_RUNTIME_MODEL_KEY": CONTEXTS[TRIAL]["model_key"],
        "AGENT_RUNTIME_MODEL_GUARDRAIL": "",
        "AGENT_RUNTIME_MODEL_FALLBACK": CONTEXTS[TRIAL]["model_fallback"],
    }


def test_model_may_be_invoked_through_its_profile_alone() -> None:
    """The condition is in the template as it is in the options."""
    (statement,) = [
        statement
        for statement in statements(synthesized(AWS).role_of("run_turn"))
        if "foundation-model/" in json.dumps(statement["Resource"])
    ]

    (profile,) = statement["Condition"]["StringEquals"].values()
    assert "inference-profile/global.anthropic.claude-sonnet-4-6" in json.dumps(profile)
    assert "foundation-model/anthropic.claude-sonnet-4-6" in json.dumps(statement["Resource"])
