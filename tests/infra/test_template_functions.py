"""Functions, roles and logs of the template are those of the catalog, and may do nothing else."""

import json
from collections import Counter
from typing import Any

import pytest

from functions.catalog import CATALOG, Commits, DeadLetters, Function, Grant, Queue, Schedule
from functions.runtime.settings import STATIC_ENVIRONMENT, Settings
from tests.infra.synthesized import AWS, LOCAL, TRIAL, as_list, statements, synthesized, target

ROWS = pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
TARGETS = pytest.mark.parametrize("target_name", [AWS, LOCAL])

TABLE, INDEX, OBJECTS = "Table", "Index", "Objects"
LOGS = {("logs:CreateLogStream", "Logs"), ("logs:PutLogEvents", "Logs")}
GRANTED: dict[Grant, set[tuple[str, str]]] = {
    Grant.TABLE_READ: {
        ("dynamodb:BatchGetItem", TABLE),
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:Query", TABLE),
        ("dynamodb:Query", INDEX),
    },
    Grant.TABLE_WRITE: {
        ("dynamodb:ConditionCheckItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
    },
    Grant.TABLE_SCAN: {("dynamodb:Scan", TABLE)},
    Grant.CONTENT_READ: {("s3:GetObject", OBJECTS)},
    Grant.CONTENT_WRITE: {("s3:PutObject", OBJECTS)},
    Grant.BUS_PUBLISH: {("events:PutEvents", "Bus")},
    Grant.TURNS_EXTEND: {("sqs:ChangeMessageVisibility", "turns")},
    Grant.EXPIRIES_EXTEND: {("sqs:ChangeMessageVisibility", "expiries")},
    Grant.PARK_COMMITS: {("sqs:SendMessage", "parked")},
    Grant.MODEL_INVOKE: {("bedrock:InvokeModel", "models"), ("bedrock:InvokeModel", "profiles")},
}
STREAM = {
    ("dynamodb:DescribeStream", "Stream"),
    ("dynamodb:GetRecords", "Stream"),
    ("dynamodb:GetShardIterator", "Stream"),
    ("dynamodb:ListStreams", "Streams"),
    ("sqs:SendMessage", "parked"),
}
CONSUMED = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")


def _needed(row: Function) -> set[tuple[str, str]]:
    pairs = LOGS.union(*(GRANTED[grant] for grant in row.grants))
    match row.trigger:
        case Commits():
            return pairs | STREAM
        case Queue(name=name):
            return pairs | {(action, name) for action in CONSUMED}
        case DeadLetters(queue=name):
            return pairs | {(action, f"{name}-dead") for action in CONSUMED}
        case Schedule():
            return pairs | {("sqs:SendMessage", f"{row.name}-dead")}
    return pairs


def _named(resource: Any) -> str:
    """The resource of a statement in the words of `GRANTED`."""
    text = json.dumps(resource)
    for mark, name in (
        ("/index/by_activity", INDEX),
        ("/stream/*", "Streams"),
        ("StreamArn", "Stream"),
        ("foundation-model/", "models"),
        ("inference-profile/", "profiles"),
        ("/*", OBJECTS),
    ):
        if mark in text:
            return name
    path = synthesized().path_of(target(resource)).split("/")
    return {"Resource": path[-2]}.get(path[-1], path[-1])


@ROWS
@TARGETS
def test_function_is_what_its_row_says(row: Function, target_name: str) -> None:
    """Every row has exactly one function with its entry point and limits, on Python 3.13."""
    function = synthesized(target_name).function(row.name)

    assert function["Handler"] == row.entry_point
    assert function["Timeout"] == row.timeout_seconds
    assert function["MemorySize"] == row.memory_mb
    assert function["Runtime"] == "python3.13"


@TARGETS
def test_template_has_no_function_when_the_catalog_has_no_row(target_name: str) -> None:
    """There are as many functions as rows, all of the same package and layer."""
    functions = synthesized(target_name).properties("AWS::Lambda::Function")

    assert len(functions) == len(CATALOG)
    assert len({json.dumps([function["Code"], function["Layers"]]) for function in functions}) == 1


@ROWS
@TARGETS
def test_environment_is_that_of_settings(row: Function, target_name: str) -> None:
    """A function is told every setting and nothing else but what its libraries read before our code runs."""
    variables = synthesized(target_name).function(row.name)["Environment"]["Variables"]

    assert set(variables) == {*Settings.environment_names().values(), *STATIC_ENVIRONMENT}


def test_functions_run_on_arm_when_in_the_cloud() -> None:
    """The cloud's functions and layer are for the cheaper processor."""
    found = synthesized(AWS)

    assert {tuple(function["Architectures"]) for function in found.properties("AWS::Lambda::Function")} == {("arm64",)}
    assert found.only("AWS::Lambda::LayerVersion")["CompatibleArchitectures"] == ["arm64"]


@pytest.mark.parametrize(("name", "is_reserved"), [(AWS, True), (TRIAL, False), (LOCAL, False)])
def test_concurrency_is_reserved_when_in_production(name: str, is_reserved: bool) -> None:
    """Rows get the concurrency they reserve in production only: a trial account's pool may be too small."""
    found = synthesized(name)

    for row in CATALOG:
        expected = row.reserved_concurrency if is_reserved else None
        assert found.function(row.name).get("ReservedConcurrentExecutions") == expected


@ROWS
def test_role_allows_what_the_row_needs_and_nothing_else(row: Function) -> None:
    """A function has a role of its own whose allowed pairs of action and resource are exactly its row's."""
    role = synthesized(AWS).role_of(row.name)

    allowed = {
        (action, _named(resource))
        for statement in statements(role)
        for action in statement["Action"]
        for resource in statement["Resource"]
    }

    assert allowed == _needed(row)
    assert "ManagedPolicyArns" not in role["Properties"]
    assert all(statement["Effect"] == "Allow" for statement in statements(role))


def test_no_two_functions_share_a_role() -> None:
    """Each function has its own role, and no policy stands outside the roles."""
    found = synthesized(AWS)

    roles = Counter(target(function["Role"]) for function in found.properties("AWS::Lambda::Function"))

    assert set(roles.values()) == {1}
    assert not found.of_type("AWS::IAM::Policy")
    assert not [made for made in found.properties("AWS::IAM::ManagedPolicy") if {"Roles", "Users", "Groups"} & {*made}]


@pytest.mark.parametrize("name", [TRIAL, LOCAL])
def test_role_may_invoke_models_only_when_bedrock_answers(name: str) -> None:
    """Without Bedrock no role can call a model."""
    found = synthesized(name)

    actions = [
        action
        for role in found.of_type("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    ]

    assert not [action for action in actions if action.startswith("bedrock:")]


@ROWS
@TARGETS
def test_function_logs_to_a_group_of_its_own(row: Function, target_name: str) -> None:
    """Every function writes to its own log group."""
    found = synthesized(target_name)

    group = target(found.function(row.name)["LoggingConfig"]["LogGroup"])

    assert found.path_of(group).split("/")[1] == row.name


@TARGETS
def test_logs_are_kept_thirty_days(target_name: str) -> None:
    """Every log group there is, the gateway's included, forgets after 30 days."""
    groups = synthesized(target_name).properties("AWS::Logs::LogGroup")

    assert {group["RetentionInDays"] for group in groups} == {30}
    assert len(groups) == len(CATALOG) + 2


def test_tracing_is_on_when_asked_for() -> None:
    """X-Ray costs start-up time, so functions and API trace only when the deployer says so."""
    traced, silent = synthesized(TRIAL), synthesized(AWS)

    modes = {function["TracingConfig"]["Mode"] for function in traced.properties("AWS::Lambda::Function")}

    assert modes == {"Active"}
    assert traced.only("AWS::ApiGateway::Stage")["TracingEnabled"] is True
    assert not any("TracingConfig" in function for function in silent.properties("AWS::Lambda::Function"))
    assert silent.only("AWS::ApiGateway::Stage")["TracingEnabled"] is False
