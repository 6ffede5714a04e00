"""The HTTP edge: one method per route of the catalog."""

import json
from collections.abc import Iterable, Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.catalog import CATALOG, Route
from functions.runtime.cors import ALLOWED, EXPOSED
from infra.constructs.acknowledgement import acknowledge
from infra.constructs.catalog_function import RETENTION
from infra.constructs.gateway_responses import add_gateway_responses
from infra.constructs.user_pool import UserPool
from infra.constructs.web_acl import WebAcl

STAGE = "v1"

# Beyond it callers get 429. One function answers in some 20 ms, so this is about ten at work at a time, and a caller
# gone wild leaves most of an account's 1000 to the turns.
RATE_PER_SECOND = 500
BURST = 1000

OLDEST_TLS = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
"""TLS 1.3, or 1.2 with forward secrecy; without it the gateway would take TLS 1.0.

Source:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
"""

# Paths are given as routes, without ids; no header is logged, so no token is.
_ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integration.latency",
    "integration_status": "$context.integration.status",
    "error_type": "$context.error.responseType",
    "source_ip": "$context.identity.sourceIp",
}


class RestApi(Construct):
    """Regional REST API with a Cognito authorizer on every route that is not public.

    Args:
        users: Whose tokens are accepted.
        tracing: Whether X-Ray is on.
        logs_removal_policy: What becomes of the logs when the stack goes.
        cors_origins: Of the web pages that may use it; none switches cross-origin requests off.
        has_web_acl: Whether AWS's firewall stands before it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        users: UserPool,
        tracing: bool,
        logs_removal_policy: RemovalPolicy,
        cors_origins: Sequence[str],
        has_web_acl: bool,
    ) -> None:
        super().__init__(scope, id_)
        access_log = logs.LogGroup(self, "AccessLog", retention=RETENTION, removal_policy=logs_removal_policy)
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=Stack.of(self).stack_name,
            description="Agent runtime",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            default_cors_preflight_options=_preflight(cors_origins) if cors_origins else None,
            # A stage can only write logs when the account has a role for it, and it outlives us: other APIs use it.
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                throttling_rate_limit=RATE_PER_SECOND,
                throttling_burst_limit=BURST,
                tracing_enabled=tracing,
            ),
        )
        plain = cast("apigateway.CfnRestApi", self.api.node.default_child)
        plain.security_policy, plain.endpoint_access_mode = OLDEST_TLS, "BASIC"
        # The stack names its outputs itself.
        self.api.node.try_remove_child("Endpoint")
        # The gateway would make this group by itself, and keep it for ever.
        execution_log = logs.LogGroup(
            self,
            "ExecutionLog",
            log_group_name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{STAGE}",
            retention=RETENTION,
            removal_policy=logs_removal_policy,
        )
        self.api.deployment_stage.node.add_dependency(execution_log)
        self._authorizer = apigateway.CognitoUserPoolsAuthorizer(
            self,
            "Authorizer",
            cognito_user_pools=[users.pool],
            # A remembered answer would let a token in after it has expired.
            results_cache_ttl=Duration.seconds(0),
        )
        add_gateway_responses(self.api, cors_origins)
        if has_web_acl:
            WebAcl(self, "Firewall", stage=self.api.deployment_stage)
        self._acknowledge(has_web_acl=has_web_acl)

    def add_routes(self, routes: Iterable[tuple[Route, lambda_.IFunction]]) -> None:
        """Let each function answer its route."""
        for route, function in routes:
            method = self.api.root.resource_for_path(route.path).add_method(
                route.method,
                apigateway.LambdaIntegration(function, allow_test_invoke=False),
                authorizer=None if route.is_public else self._authorizer,
                authorization_type=(
                    apigateway.AuthorizationType.NONE if route.is_public else apigateway.AuthorizationType.COGNITO
                ),
            )
            if route.is_public:
                public = "Public by the contract; it tells nothing about anyone."
                acknowledge(method, APIG4=public, COG4=public)

    def _acknowledge(self, *, has_web_acl: bool) -> None:
        acknowledge(
            self.api,
            APIG2="The functions check requests themselves, in the contract's order and with its errors.",
        )
        if not has_web_acl:
            acknowledge(
                self.api.deployment_stage,
                APIG3="A web ACL is billed by itself and is the deployer's choice (waf=true); the stage throttles.",
            )
        role = self.api.node.find_child("CloudWatchRole")
        policy = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
        acknowledge(role, **{policy: "The policy that API Gateway prescribes for the account's log role."})


def _preflight(origins: Sequence[str]) -> apigateway.CorsOptions:
    """Return what a browser is told that asks before it sends: exact origins, and only what the contract has."""
    return apigateway.CorsOptions(
        allow_origins=list(origins),
        allow_methods=sorted({row.trigger.method for row in CATALOG if isinstance(row.trigger, Route)}),
        allow_headers=list(ALLOWED),
        expose_headers=list(EXPOSED),
        max_age=Duration.hours(1),
    )
