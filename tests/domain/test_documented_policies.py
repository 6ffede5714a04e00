"""docs/policies.md: its examples are accepted and decide as it says, its limits are ours."""

import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.model import patterns, policy, tool_schema
from domain.model.agent import AgentType
from domain.model.custom_tools import MAX_TOOLS, CustomTool, DeclaredTools, arguments_model
from domain.model.message import CallStatus
from domain.model.policy import Action, DeploymentPolicy, Policy, RequestType
from domain.services.server_tools import SERVER_TOOLS
from infra.local.layout import ROOT
from infra.policies import MAX_BYTES, PolicyOptions
from tests.support.builders import calls, completes, reads, text, wants
from tests.support.entities import make_rule
from tests.support.plans import make_plan_arguments
from tests.support.scenario import ScenarioBuilder

TEXT = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
EXAMPLES: list[Any] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
NEEDS = {"read_file": False, "write_file": True, "execute_command": True, "search_in_code": False}
CASES: list[tuple[int, str, dict[str, Any], Action]] = [
    (0, "read_file", {"path": "README.md"}, Action.ASK),
    (0, "read_file", {"path": "src/app.py"}, Action.APPROVE),
    (0, "execute_command", {"command": "sudo rm -rf /"}, Action.REJECT),
    (0, "execute_command", {"command": "ls"}, Action.ASK),
    (0, "search_in_code", {"query": "x"}, Action.APPROVE),
    (1, "write_file", {"path": "docs/a.md"}, Action.APPROVE),
    (1, "write_file", {"path": "docs/a.md.py"}, Action.ASK),
    (1, "create_directory", {"path": "docs"}, Action.APPROVE),
    (2, "delete_file", {"path": "a"}, Action.APPROVE),
    (2, "execute_command", {"command": "make", "timeout": 61}, Action.ASK),
    (2, "execute_command", {"command": "make"}, Action.APPROVE),
    (2, "search_in_code", {"max_results": 501, "regex": True}, Action.ASK),
    (2, "search_in_code", {"max_results": 501}, Action.APPROVE),
]


@pytest.mark.parametrize(("example", "subject", "arguments", "expected"), CASES)
def test_example_decides_as_told(example: int, subject: str, arguments: dict[str, Any], expected: Action) -> None:
    """Each list of rules does what the sentence above it says."""
    policy_ = DeploymentPolicy.from_text(json.dumps(EXAMPLES[example]))

    verdict = policy_.decide(RequestType.TOOL, subject, arguments, needs_approval=NEEDS, session=Policy())

    assert verdict.action is expected


def test_example_approves_every_plan_when_it_says_so() -> None:
    """And without it, every plan is asked about."""
    for rules, expected in (("[]", Action.ASK), (json.dumps(EXAMPLES[1]), Action.APPROVE)):
        policy_ = DeploymentPolicy.from_text(rules)
        verdict = policy_.decide(RequestType.PLAN, "Any plan", {}, needs_approval=NEEDS, session=Policy())
        assert verdict.action is expected


def test_example_of_the_command_line_is_accepted() -> None:
    """As a shell passes it on."""
    (given,) = re.findall(r"-c policies='(.*?)'", TEXT)

    assert json.loads(PolicyOptions.from_context(given, may_loosen=False).rules)[0]["action"] == "approve"


def test_example_of_a_tool_is_accepted() -> None:
    """With arguments as its description suggests."""
    tools: TypeAdapter[tuple[CustomTool, ...]] = TypeAdapter(DeclaredTools)
    (tool,) = tools.validate_python(EXAMPLES[3])

    arguments_model(tool).model_validate({"branch": "main", "region": "eu", "replicas": 2})


@pytest.mark.parametrize(
    "words",
    [
        f"at most {policy.MAX_RULES} rules",
        f"| ≤{policy.MAX_CONDITIONS} |",
        f"-{policy.MAX_PRIORITY} to {policy.MAX_PRIORITY}",
        f"at most {patterns.MAX_CHARACTERS} characters",
        f"stays under {patterns.MAX_WEIGHT}",
        f"`tools`, at most {MAX_TOOLS}",
        f"{tool_schema.MAX_SCHEMA_LEVELS} levels, {tool_schema.MAX_PROPERTIES} properties",
        f"and {tool_schema.MAX_SCHEMAS} schemas",
        f"at most {MAX_BYTES // 1024} KB",
    ],
)
def test_limit_is_ours_when_it_is_told(words: str) -> None:
    """The text changes with the code."""
    assert words in " ".join(TEXT.split())


@pytest.mark.parametrize("operator", policy.OPERATORS)
def test_operator_is_explained_when_it_exists(operator: str) -> None:
    """Each has its row."""
    assert re.search(rf"^\|.*`{operator}`.*\|.*\|$", TEXT, re.MULTILINE)


def test_keyword_is_named_when_the_dialect_has_it() -> None:
    """All of them, and no more."""
    (told,) = re.findall(r"closed part of JSON\s+Schema: (.*?)\. Everything else", TEXT, re.DOTALL)
    known = {field.alias for field in tool_schema.ToolSchema.model_fields.values()}

    assert set(re.findall(r"`(\w+)`", told)) == known


def test_tools_that_run_here_are_weighed_by_nobody_when_everything_is_rejected() -> None:
    """The page names each of them; a session that rejects every call still ends its turns."""
    assert all(f"`{name}`" in TEXT for name in SERVER_TOOLS)
    answers = (calls(wants("calculator", expr="6*7"), *reads("a.py")), completes("42"))
    scenario = ScenarioBuilder(agent=AgentType.ASK, policies=[make_rule("*", Action.REJECT)]).says().hears(*answers)

    statuses = [call.status for m in scenario.system.messages(scenario.key) for call in m.tool_calls]
    assert statuses == [CallStatus.DONE, CallStatus.REFUSED, CallStatus.DONE]


def test_plan_is_weighed_by_its_title_when_it_is_proposed() -> None:
    """A rule on plans, not one on the tool `create_plan`, says what becomes of it."""
    for request_type, is_refused in ((RequestType.PLAN, True), (RequestType.TOOL, False)):
        plan = make_plan_arguments(())
        subject = plan["title"] if is_refused else "create_plan"
        rule = make_rule(subject, Action.REJECT, request_type=request_type)
        scenario = ScenarioBuilder(agent=AgentType.ARCHITECT, policies=[rule])
        scenario.says().hears(calls(wants("create_plan", **plan)), *([text()] if is_refused else []))

        (call,) = scenario.system.messages(scenario.key)[1].tool_calls
        assert call.status is (CallStatus.REFUSED if is_refused else CallStatus.AWAITING_APPROVAL)
