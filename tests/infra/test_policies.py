"""A deployment's rules: what may be said, and what functions are told."""

from typing import Any

import pytest

from domain.model.policy import DeploymentPolicy
from functions.runtime.composition import compose
from functions.runtime.settings import Settings
from infra.options import Options
from infra.policies import MAX_BYTES, PolicyOptions
from tests.infra.synthesized import AWS, TRIAL, synthesized

RULE = {"request_type": "tool", "subject": "write_*", "action": "approve"}
REFUSED: dict[str, tuple[Any, str]] = {
    "no JSON": ("[", "policies is no JSON"),
    "no JSON for a client either": ("[NaN]", "policies is no JSON"),
    "no list": ('{"subject": "*"}', "no list of rules: the whole"),
    "no action": ([{"request_type": "tool", "subject": "*"}], "0.action: Field required"),
    "another action": ([RULE, RULE | {"action": "allow"}], "1.action: Input should be 'approve', 'ask' or 'reject'"),
    "another operator": ([RULE | {"conditions": {"path_is": "x"}}], "0.conditions: “path_is”: a condition is called"),
    "a bomb": ([RULE | {"conditions": {"path_matches": "(a{99}){99}"}}], "counts in this regular expression"),
    "a field too many": ([RULE | {"then": "ask"}], "0.then: Extra inputs"),
    "more than fits": ([RULE | {"reason": "x" * 2000}], f"more than {MAX_BYTES} bytes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_policies_are_refused_when_they_cannot_work(what: str) -> None:
    """A deployment whose rules are none is not synthesized; the text says which rule is wrong and why."""
    policies, words = REFUSED[what]

    with pytest.raises(ValueError, match=words):
        Options.from_context({"policies": policies}.get)


@pytest.mark.parametrize("said", [None, "[]", []])
def test_policies_are_empty_when_none_are_said(said: Any) -> None:
    """Then the built-in rules decide, and nothing may loosen them."""
    options = Options.from_context({"policies": said}.get)

    assert options.policies == PolicyOptions()
    assert options.policies.settings() == {"policies": "[]", "policies_may_loosen": "false"}


def test_policies_are_refused_when_loosening_is_no_flag() -> None:
    """As with every other flag."""
    with pytest.raises(ValueError, match="policies_may_loosen='maybe' is none of true, false"):
        Options.from_context({"policies_may_loosen": "maybe"}.get)


def test_functions_know_the_policies_when_deployed_with_some() -> None:
    """What was said at synthesis is what the composition root hands out."""
    variables = synthesized(TRIAL).function("run_turn")["Environment"]["Variables"]
    told = {field: variables[name] for field, name in Settings.environment_names().items()}

    policy = compose(Settings(**told)).get(DeploymentPolicy)

    assert policy == DeploymentPolicy.model_validate({"rules": [RULE], "may_loosen": True})


def test_functions_know_no_policies_when_deployed_without() -> None:
    """The default is as strict as it can be."""
    variables = synthesized(AWS).function("run_turn")["Environment"]["Variables"]

    assert variables["AGENT_RUNTIME_POLICIES"] == "[]"
    assert variables["AGENT_RUNTIME_POLICIES_MAY_LOOSEN"] == "false"
