"""The template as a whole: what it keeps, what it tells, how large it is, and how the two targets differ."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks

from infra.app import main
from infra.dead_ends import STACK_NAME, dead_ends
from infra.local.layout import ROOT
from infra.options import Options
from infra.target import DIFFERENCES
from tests.infra.synthesized import AWS, LOCAL, TRIAL, packages_in, synthesized

TARGETS = pytest.mark.parametrize("target_name", [AWS, LOCAL])
KEEPERS = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::Logs::LogGroup")
OUTPUTS = {
    "ApiId",
    "ApiUrl",
    "UserPoolId",
    "UserPoolClientId",
    "TableName",
    "BusName",
    "ContentBucketName",
    "OperatorPolicyArn",
    *(end.url_output for end in dead_ends()),
    *(end.origin_output for end in dead_ends() if end.origin_output),
}
MISSING = object()


def _differences(aws: Any, local: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths at which two resources differ, as deep as both are objects."""
    if isinstance(aws, dict) and isinstance(local, dict):
        for key in {*aws, *local}:
            yield from _differences(aws.get(key, MISSING), local.get(key, MISSING), (*path, key))
    elif aws != local:
        yield path


def _found_differences() -> set[tuple[str, str]]:
    aws, local = synthesized(AWS).resources, synthesized(LOCAL).resources
    pairs = set()
    for id_, resource in aws.items():
        if id_ not in local:
            pairs.add((resource["Type"], ""))
            continue
        for path in _differences(resource, local[id_]):
            allowed = [
                difference.path
                for difference in DIFFERENCES
                if difference.resource_type == resource["Type"]
                and f"{'.'.join(path)}.".startswith(f"{difference.path}.")
            ]
            pairs.add((resource["Type"], allowed[0] if allowed else ".".join(path)))
    return pairs


def test_targets_differ_in_nothing_but_what_the_list_says() -> None:
    """Every difference between the templates is in the list, with a reason; the local one has nothing of its own."""
    listed = {(difference.resource_type, difference.path): difference.reason for difference in DIFFERENCES}

    assert _found_differences() <= listed.keys()
    assert synthesized(LOCAL).resources.keys() <= synthesized(AWS).resources.keys()
    assert all(listed.values())


def test_list_of_differences_has_no_entry_that_nothing_needs() -> None:
    """Packages apart, which are empty here and so the same, every listed difference exists."""
    of_packages = {
        ("AWS::Lambda::Function", "Properties.Code"),
        ("AWS::Lambda::LayerVersion", "Properties.Content"),
    }
    of_processor = {
        ("AWS::Lambda::Function", "Properties.Architectures"),
        ("AWS::Lambda::LayerVersion", "Properties.CompatibleArchitectures"),
    }
    listed = {(difference.resource_type, difference.path) for difference in DIFFERENCES}

    assert listed - of_packages - of_processor <= _found_differences()


def test_target_is_asked_for_in_no_other_file() -> None:
    """What a target can do stands in one file; no construct asks for its name."""
    asking = [
        path.name
        for path in sorted((ROOT / "infra" / "constructs").glob("*.py"))
        if "infra.target" in path.read_text() or "infra.options" in path.read_text()
    ]

    assert asking == []


def test_rules_of_cdk_nag_find_nothing() -> None:
    """cdk-nag has no finding on a stack of this size, and what it was told to accept has a reason."""
    found = synthesized(AWS)

    reasons = [
        reason
        for entries in found.metadata.values()
        for entry in entries
        if entry["type"] == "aws:cdk:acknowledged-rules"
        for reason in entry["data"].values()
    ]

    assert found.report["pluginReports"] == []
    assert len(found.resources) > 90
    assert reasons
    assert all(len(reason) > 20 for reason in reasons)


def test_rules_of_cdk_nag_stop_a_synthesis_when_they_find_something(tmp_path: Path) -> None:
    """A finding that nobody accepted stops the synthesis, so an empty report means something."""
    app = App(outdir=str(tmp_path), analytics_reporting=False)
    sqs.Queue(Stack(app, "Careless"), "plain", encryption=sqs.QueueEncryption.UNENCRYPTED)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError, match="AwsSolutions-SQS4"):
        app.synth()


@TARGETS
def test_stack_is_far_from_cloudformations_limit(target_name: str) -> None:
    """There is room for the operations to come: CloudFormation takes 500 resources."""
    assert len(synthesized(target_name).resources) < 450


@TARGETS
def test_outputs_are_those_that_clients_and_operators_read(target_name: str) -> None:
    """The stack tells where it is, under names that scripts can rely on."""
    assert synthesized(target_name).template["Outputs"].keys() == OUTPUTS


@TARGETS
def test_table_has_the_keys_stream_and_index_of_the_design(target_name: str) -> None:
    """One table on demand with string keys, a stream of new images, expiry, backups, encryption, and one index."""
    table = synthesized(target_name).only("AWS::DynamoDB::Table")
    (index,) = table["GlobalSecondaryIndexes"]

    assert _keys(table) == [("PK", "HASH"), ("SK", "RANGE")]
    assert {attribute["AttributeType"] for attribute in table["AttributeDefinitions"]} == {"S"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert index["IndexName"] == "by_activity"
    assert _keys(index) == [("PK", "HASH"), ("la", "RANGE")]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["k", "t", "ac", "ca"]}


def _keys(holder: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in holder["KeySchema"]]


def test_data_outlives_the_stack_when_in_production() -> None:
    """Table, content, users and logs stay when a production stack goes, and refuse to be deleted where they can."""
    found = synthesized(AWS)

    for type_ in KEEPERS:
        for resource in found.of_type(type_).values():
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert found.only("AWS::DynamoDB::Table")["DeletionProtectionEnabled"] is True
    assert found.only("AWS::Cognito::UserPool")["DeletionProtection"] == "ACTIVE"
    assert found.manifest["artifacts"][STACK_NAME]["properties"]["terminationProtection"] is True


@pytest.mark.parametrize("name", [TRIAL, LOCAL])
def test_data_goes_with_the_stack_when_not_in_production(name: str) -> None:
    """A stack for trying out, and every local one, leaves nothing behind."""
    found = synthesized(name)

    for type_ in KEEPERS:
        assert {resource["DeletionPolicy"] for resource in found.of_type(type_).values()} == {"Delete"}
    assert found.only("AWS::DynamoDB::Table")["DeletionProtectionEnabled"] is False
    assert found.only("AWS::Cognito::UserPool")["DeletionProtection"] == "INACTIVE"


@TARGETS
def test_content_is_private_and_encrypted(target_name: str) -> None:
    """The bucket is encrypted, closed to the public, keeps no versions and cleans up broken uploads."""
    bucket = synthesized(target_name).only("AWS::S3::Bucket")
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    assert "VersioningConfiguration" not in bucket
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize(("target_name", "minutes"), [(AWS, 60), (LOCAL, 24 * 60)])
def test_tokens_live_an_hour_in_the_cloud_and_a_day_here(target_name: str, minutes: int) -> None:
    """Tokens are short in the cloud; a local one lasts a day of work. Nobody signs up by himself."""
    found = synthesized(target_name)
    client = found.only("AWS::Cognito::UserPoolClient")

    assert client["TokenValidityUnits"] == {"AccessToken": "minutes", "IdToken": "minutes"}
    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == minutes
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in client["ExplicitAuthFlows"]
    assert "ALLOW_USER_PASSWORD_AUTH" not in client["ExplicitAuthFlows"]
    assert found.only("AWS::Cognito::UserPool")["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


@TARGETS
def test_sam_finds_the_code(target_name: str) -> None:
    """Functions and layer carry the asset's place, which `sam build` and `sam local` read."""
    found = synthesized(target_name)
    holders = {**found.of_type("AWS::Lambda::Function"), **found.of_type("AWS::Lambda::LayerVersion")}

    for holder in holders.values():
        assert holder["Metadata"]["aws:asset:path"].startswith("asset.")
        assert holder["Metadata"]["aws:asset:is-bundled"] is False
        assert holder["Metadata"]["aws:asset:property"] in {"Code", "Content"}


def test_synthesis_is_the_same_every_time(tmp_path: Path) -> None:
    """The app run as a program, told by the environment, writes the same template again."""
    environment = {"CDK_OUTDIR": str(tmp_path / "out"), "CDK_CONTEXT_JSON": json.dumps({"target": LOCAL})}

    main(environment, packages_in(tmp_path))

    assert json.loads((tmp_path / "out" / f"{STACK_NAME}.template.json").read_text()) == synthesized(LOCAL).template


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"target": "azure"}, "target='azure' is none of aws, local"),
        ({"model": "oracle"}, "model='oracle' is none of bedrock, offline, openai"),
        ({"tracing": "maybe"}, "tracing='maybe' is none of true, false"),
        ({"single_agent": "maybe"}, "single_agent='maybe' is none of true, false"),
        ({"waf": "maybe"}, "waf='maybe' is none of true, false"),
        ({"waf": "true", "target": LOCAL}, "target=local has none"),
        ({"cors_origins": "*"}, r"names '\*', which is no origin"),
        ({"cors_origins": "https://a.example,null"}, "names 'null'"),
        ({"cors_origins": "https://a.example/"}, "no path"),
        ({"cors_origins": "http://a.example"}, "plain HTTP on this machine only"),
        ({"cors_origins": "https://*.example"}, "which is no origin"),
        ({"cors_origins": "https://a.example'"}, "which is no origin"),
        ({"cors_origins": ",".join(f"https://a{number}.example" for number in range(11))}, "names 11 origins; 10"),
    ],
)
def test_option_is_refused_when_it_is_not_allowed(context: dict[str, str], words: str) -> None:
    """A mistyped option is told with what would be right."""
    with pytest.raises(ValueError, match=words):
        Options.from_context(context.get)


def test_options_have_defaults_fit_for_production() -> None:
    """Who says nothing deploys to AWS, for production, with Bedrock, without tracing."""
    options = Options.from_context({}.get)

    assert options.is_production
    assert options.reserves_concurrency
    assert options.model.provider == "bedrock"
    assert not options.tracing
    assert not options.agents.is_single_agent
    assert not options.has_web_acl
    assert options.cors_origins == ()
    assert options.version


@pytest.mark.parametrize(
    "said", ["https://a.example, http://localhost:5173", ["https://a.example", "http://localhost:5173"]]
)
def test_origins_are_named_as_text_or_as_a_list(said: object) -> None:
    """The command line gives text, cdk.json a list."""
    assert Options.from_context({"cors_origins": said}.get).cors_origins == (
        "https://a.example",
        "http://localhost:5173",
    )


def test_reservation_can_be_declined() -> None:
    """Who has a small account says so and deploys to production all the same."""
    options = Options.from_context({"reserve_concurrency": "false"}.get)

    assert options.is_production
    assert not options.reserves_concurrency
