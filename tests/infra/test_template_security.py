"""What the template promises for every resource of a kind: least privilege, encryption, TLS; a later one joins."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.constructs.rest_api import OLDEST_TLS
from infra.constructs.web_acl import COUNTED
from tests.infra.synthesized import AWS, CONTEXTS, LOCAL, TRIAL, Properties, as_list, rendered, synthesized, target

CONTEXT_NAMES = pytest.mark.parametrize("name", sorted(CONTEXTS))

# What says, of a type that can also keep things in the open, that it does not.
ENCRYPTED: dict[str, Callable[[Properties], bool]] = {
    "AWS::DynamoDB::Table": lambda made: made["SSESpecification"] == {"SSEEnabled": True},
    "AWS::SQS::Queue": lambda made: made["SqsManagedSseEnabled"] is True,
    "AWS::S3::Bucket": lambda made: bool(
        made["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
    ),
    # The gateway keeps nothing but answers in a cache, and there is none.
    "AWS::ApiGateway::Stage": lambda made: not made.get("CacheClusterEnabled", False),
}
ALWAYS_ENCRYPTED = {
    "AWS::Cognito::UserPool",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Logs::LogGroup",
}
"""With keys of AWS; they cannot be told not to be."""

KEEPS_NOTHING = {
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::UserPoolClient",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}


def _statements(value: Any) -> Iterator[Properties]:
    """Yield every policy statement below a value, wherever it stands."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for part in value.values():
            yield from _statements(part)
    elif isinstance(value, list):
        for part in value:
            yield from _statements(part)


@CONTEXT_NAMES
def test_every_wildcard_has_a_reason(name: str) -> None:
    """No `*` allows an action or everybody anywhere; a resource with one is acknowledged by name, with a reason."""
    found = synthesized(name)
    unreasoned = [
        (found.path_of(id_), arn)
        for id_, resource in found.resources.items()
        for statement in _statements(resource["Properties"])
        if statement["Effect"] == "Allow"
        for arn in map(rendered, as_list(statement.get("Resource", [])))
        if "*" in arn and not found.acknowledged(found.path_of(id_)).get(f"AwsSolutions-IAM5[Resource::{arn}]")
    ]
    allowed = [
        statement
        for resource in found.resources.values()
        for statement in _statements(resource["Properties"])
        if statement["Effect"] == "Allow"
    ]

    assert unreasoned == []
    assert len(allowed) > 40
    for statement in allowed:
        assert not statement.keys() & {"NotAction", "NotResource", "NotPrincipal"}
        assert "*" not in json.dumps([statement["Action"], statement.get("Principal")])


@CONTEXT_NAMES
def test_policy_of_aws_has_a_reason(name: str) -> None:
    """A policy that somebody else writes is acknowledged by name: only the one for the gateway's own log is."""
    found = synthesized(name)
    named = [
        (id_, rendered(arn))
        for id_, role in found.of_type("AWS::IAM::Role").items()
        for arn in role["Properties"].get("ManagedPolicyArns", [])
    ]

    assert [arn.rpartition("/")[2] for _, arn in named] == ["AmazonAPIGatewayPushToCloudWatchLogs"]
    for id_, arn in named:
        assert f"AwsSolutions-IAM4[Policy::{arn}]" in found.acknowledged(found.path_of(id_))


@CONTEXT_NAMES
def test_only_a_service_of_aws_may_take_a_role(name: str) -> None:
    """No account, user or federation may: each role is for one service."""
    for role in synthesized(name).properties("AWS::IAM::Role"):
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Principal"].keys() == {"Service"}


@CONTEXT_NAMES
def test_everything_that_keeps_something_is_encrypted(name: str) -> None:
    """A type that is in none of the three is one of which nobody has said how it is encrypted: say it here."""
    for id_, resource in synthesized(name).resources.items():
        if resource["Type"] not in ALWAYS_ENCRYPTED | KEEPS_NOTHING:
            assert ENCRYPTED[resource["Type"]](resource["Properties"]), id_


def test_types_have_no_entry_that_no_stack_needs() -> None:
    """What nobody deploys needs no rule."""
    assert {*ENCRYPTED, *ALWAYS_ENCRYPTED, *KEEPS_NOTHING} == {
        resource["Type"] for name in CONTEXTS for resource in synthesized(name).resources.values()
    }


@pytest.mark.parametrize("name", [AWS, TRIAL])
def test_plain_http_is_refused_for_every_resource_that_can_refuse_it(name: str) -> None:
    """The API takes no TLS before 1.2, the bucket neither; queues and bucket deny whatever does not come over TLS."""
    found = synthesized(name)
    denials = [
        (statement, target(resource))
        for type_ in ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy")
        for policy in found.properties(type_)
        for statement in _statements(policy)
        if statement["Effect"] == "Deny" and statement["Principal"] == {"AWS": "*"}
        for resource in as_list(statement["Resource"])
        if "Fn::GetAtt" in resource
    ]

    def denied(condition: dict[str, dict[str, Any]]) -> set[str]:
        return {id_ for statement, id_ in denials if statement["Condition"] == condition}

    buckets = {*found.of_type("AWS::S3::Bucket")}
    assert denied({"Bool": {"aws:SecureTransport": "false"}}) == {*found.of_type("AWS::SQS::Queue"), *buckets}
    assert denied({"NumericLessThan": {"s3:TlsVersion": 1.2}}) == buckets


@CONTEXT_NAMES
def test_api_takes_no_old_tls(name: str) -> None:
    """TLS 1.3, or 1.2 with forward secrecy; the enhanced policies demand an access mode."""
    api = synthesized(name).only("AWS::ApiGateway::RestApi")

    assert (api["SecurityPolicy"], api["EndpointAccessMode"]) == (OLDEST_TLS, "BASIC")
    assert OLDEST_TLS.startswith("SecurityPolicy_TLS13_1_2_PFS")


def test_firewall_stands_before_the_api_when_asked_for() -> None:
    """It blocks a rate and what AWS knows to be bad, lets bodies through, and keeps no sample of anybody's token."""
    found = synthesized(TRIAL)
    acl, association = found.only("AWS::WAFv2::WebACL"), found.only("AWS::WAFv2::WebACLAssociation")
    rate, reputation, common = (rule["Statement"] for rule in acl["Rules"])

    assert [target(part) for part in association["ResourceArn"]["Fn::Join"][1] if isinstance(part, dict)][-1] in (
        found.of_type("AWS::ApiGateway::Stage")
    )
    assert target(association["WebACLArn"]) in found.of_type("AWS::WAFv2::WebACL")
    assert (acl["Scope"], acl["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    assert rate["RateBasedStatement"]["AggregateKeyType"] == "IP"
    assert acl["Rules"][0]["Action"] == {"Block": {}}
    assert reputation["ManagedRuleGroupStatement"]["Name"] == "AWSManagedRulesAmazonIpReputationList"
    assert common["ManagedRuleGroupStatement"]["RuleActionOverrides"] == [
        {"Name": rule, "ActionToUse": {"Count": {}}} for rule in COUNTED
    ]
    assert all(rule["OverrideAction"] == {"None": {}} for rule in acl["Rules"][1:])
    for holder in (acl, *acl["Rules"]):
        assert holder["VisibilityConfig"]["SampledRequestsEnabled"] is False


@pytest.mark.parametrize("name", [AWS, LOCAL])
def test_neither_firewall_nor_cross_origin_requests_are_there_when_nobody_asks(name: str) -> None:
    """The one is billed, the other lets web pages in: both are the deployer's word."""
    found = synthesized(name)

    assert found.of_type("AWS::WAFv2::WebACL") == {}
    assert "Access-Control-" not in json.dumps(found.template)
    assert [method for method in found.properties("AWS::ApiGateway::Method") if method["HttpMethod"] == "OPTIONS"] == []
