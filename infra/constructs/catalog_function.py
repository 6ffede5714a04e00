"""A row of the catalog as a Lambda function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.catalog import Function
from functions.runtime.settings import STATIC_ENVIRONMENT
from infra.constructs.acknowledgement import acknowledge, acknowledge_finding
from infra.constructs.permission import Permission
from infra.dead_ends import function_name

RETENTION = logs.RetentionDays.ONE_MONTH
"""Of every log group."""


@dataclass(frozen=True)
class Platform:
    """What all functions of a stack have in common.

    Attributes:
        code: The package `functions`.
        layer: `domain` and the packages.
        architecture: As the layer's wheels.
        tracing: Whether X-Ray is on.
        reserves_concurrency: Whether rows get the concurrency they reserve.
        logs_removal_policy: What becomes of the logs when the stack goes.
        environment: Of every function, by variable.
    """

    code: lambda_.Code
    layer: lambda_.ILayerVersion
    architecture: lambda_.Architecture
    tracing: bool
    reserves_concurrency: bool
    logs_removal_policy: RemovalPolicy
    environment: Mapping[str, str]


class CatalogFunction(Construct):
    """Function, its log group, and a role of its own that may do what the row grants and write to that log group.

    Args:
        row: The catalog's row; the construct has its name.
        platform: What it shares with the others.
        permissions: What the row's grants mean.
    """

    def __init__(
        self, scope: Construct, row: Function, *, platform: Platform, permissions: Sequence[Permission]
    ) -> None:
        super().__init__(scope, row.name)
        log_group = logs.LogGroup(self, "Logs", retention=RETENTION, removal_policy=platform.logs_removal_policy)
        # Inside the role, so that the function never starts before its leave to do its work.
        self._policy = iam.PolicyDocument(minimize=True)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Of {row.name}",
            inline_policies={"catalog": self._policy},
        )
        self.allow(Permission(("logs:CreateLogStream", "logs:PutLogEvents"), (log_group.log_group_arn,)), *permissions)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=function_name(row, Stack.of(self).stack_name),
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=platform.architecture,
            handler=row.entry_point,
            code=platform.code,
            layers=[platform.layer],
            memory_size=row.memory_mb,
            timeout=Duration.seconds(row.timeout_seconds),
            reserved_concurrent_executions=row.reserved_concurrency if platform.reserves_concurrency else None,
            environment={**STATIC_ENVIRONMENT, **platform.environment},
            log_group=log_group,
            role=self.role,
            tracing=lambda_.Tracing.ACTIVE if platform.tracing else lambda_.Tracing.DISABLED,
        )
        acknowledge(
            self.function,
            L1="Wheels, .pyc files and tests are for 3.13; a newer runtime is a decision, not a default.",
        )
        if platform.tracing:
            acknowledge_finding(
                self.role, "IAM5[Resource::*]", "X-Ray knows no resources: its actions are allowed for all or none."
            )

    def allow(self, *permissions: Permission) -> None:
        """Let the function do more, for the trigger that it is wired to."""
        for permission in permissions:
            self._policy.add_statements(permission.statement())
            permission.acknowledge(self.role)
