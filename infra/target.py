"""Every difference between the cloud and the local cloud, with its reason. Nothing else in `infra` asks which it is."""

import platform
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Target:
    """Where a stack is deployed to.

    Attributes:
        name: As the context value `target` says it.
        architecture: What the functions run on, in Lambda's words.
        wheel_platform: What the layer's wheels are for, in uv's words; None for the building machine's own.
        default_model: The model client when the context names none.
        token_lifetime: Of access and id tokens.
        can_be_production: Whether stage `prod` protects its data here.
        has_archive: Whether the bus can keep its events for a replay.
        has_tls: Whether queues and bucket are reached over TLS, so that anything else can be refused.
        can_have_web_acl: Whether a firewall can stand before the API.
    """

    name: str
    architecture: str
    wheel_platform: str | None
    default_model: str
    token_lifetime: timedelta
    can_be_production: bool
    has_archive: bool
    has_tls: bool
    can_have_web_acl: bool


AWS = Target(
    name="aws",
    architecture="arm64",
    wheel_platform="aarch64-manylinux2014",
    default_model="bedrock",
    token_lifetime=timedelta(hours=1),
    can_be_production=True,
    has_archive=True,
    has_tls=True,
    can_have_web_acl=True,
)

LOCAL = Target(
    name="local",
    architecture="arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
    wheel_platform=None,
    default_model="offline",
    token_lifetime=timedelta(hours=24),
    can_be_production=False,
    has_archive=False,
    has_tls=False,
    can_have_web_acl=False,
)

TARGETS = {target.name: target for target in (AWS, LOCAL)}


@dataclass(frozen=True)
class Difference:
    """A place where the two templates may differ; a test refuses every other one, and every entry that is not needed.

    Attributes:
        resource_type: CloudFormation's name.
        path: Keys below the resource, joined by dots; empty when the local template lacks the whole resource.
        reason: Why it cannot be the same.
    """

    resource_type: str
    path: str
    reason: str


_PLAIN_HTTP = "MiniStack speaks plain HTTP on the loopback address and, enforcing policies, would refuse every call"
_PRODUCTION = "only data of a production stage outlives its stack; the local cloud forgets everything when it stops"

DIFFERENCES = (
    Difference("AWS::Events::Archive", "", "MiniStack has no such type in CloudFormation"),
    Difference("AWS::Lambda::Function", "Properties.Architectures", "local functions run on this machine's processor"),
    Difference("AWS::Lambda::Function", "Properties.Code", ".pyc files are those of the interpreter that runs them"),
    *(
        Difference(
            "AWS::Lambda::Function",
            f"Properties.Environment.Variables.AGENT_RUNTIME_{setting}",
            "a local run has no account and needs no model",
        )
        for setting in ("MODEL", "MODEL_ID")
    ),
    Difference(
        "AWS::Lambda::Function",
        "Properties.ReservedConcurrentExecutions",
        "production alone reserves; MiniStack has no account pool to reserve from",
    ),
    Difference("AWS::Lambda::LayerVersion", "Properties.Content", "wheels and .pyc files are those of this machine"),
    Difference("AWS::Lambda::LayerVersion", "Properties.CompatibleArchitectures", "as for the functions"),
    Difference("AWS::IAM::Role", "Properties.Policies", "only the Bedrock model needs leave to invoke a model"),
    Difference(
        "AWS::Cognito::UserPoolClient", "Properties.AccessTokenValidity", "a day's work here without signing in again"
    ),
    Difference("AWS::Cognito::UserPoolClient", "Properties.IdTokenValidity", "same"),
    Difference("AWS::S3::BucketPolicy", "", _PLAIN_HTTP),
    Difference("AWS::SQS::QueuePolicy", "", _PLAIN_HTTP),
    Difference("AWS::SQS::QueuePolicy", "Properties.PolicyDocument", _PLAIN_HTTP),
    *(
        Difference(resource_type, path, _PRODUCTION)
        for resource_type, protection in (
            ("AWS::DynamoDB::Table", "Properties.DeletionProtectionEnabled"),
            ("AWS::Cognito::UserPool", "Properties.DeletionProtection"),
            ("AWS::S3::Bucket", None),
            ("AWS::Logs::LogGroup", None),
        )
        for path in (protection, "DeletionPolicy", "UpdateReplacePolicy")
        if path
    ),
)
