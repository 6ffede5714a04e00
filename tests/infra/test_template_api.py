"""The HTTP edge of the template: the catalog's routes, guarded, throttled, logged, and one shape of error."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk.assertions import Template

from functions.catalog import CATALOG, Route
from functions.runtime.http import HEADERS
from functions.runtime.problems import STATUSES
from infra.constructs.gateway_responses import GATEWAY_RESPONSES, add_gateway_responses
from tests.infra.synthesized import AWS, LOCAL, TRIAL, Properties, Synthesized, synthesized, target

TARGETS = pytest.mark.parametrize("target_name", [AWS, LOCAL])
RESPONSES = pytest.mark.parametrize("type_", [type_.response_type for type_, _ in GATEWAY_RESPONSES])
ROUTES = {
    (row.trigger.method, row.trigger.path): (row.name, row.trigger) for row in CATALOG if isinstance(row.trigger, Route)
}


def _path_of(found: Synthesized, method: Properties) -> str:
    def parts(reference: dict[str, Any]) -> Iterator[str]:
        resource = found.resources[target(reference)]
        if resource["Type"] == "AWS::ApiGateway::Resource":
            yield from parts(resource["Properties"]["ParentId"])
            yield resource["Properties"]["PathPart"]

    return "/" + "/".join(parts(method["ResourceId"]))


def _methods(found: Synthesized) -> dict[tuple[str, str], Properties]:
    return {
        (method["HttpMethod"], _path_of(found, method)): method
        for method in found.properties("AWS::ApiGateway::Method")
    }


def _function_of(found: Synthesized, method: Properties) -> str:
    (reference,) = [part["Fn::GetAtt"] for part in method["Integration"]["Uri"]["Fn::Join"][1] if "Fn::GetAtt" in part]
    return str(found.resources[reference[0]]["Properties"]["FunctionName"])


@TARGETS
def test_methods_are_the_routes_of_the_catalog(target_name: str) -> None:
    """Every route has one method and every method a route, by proxy to its own function."""
    found = synthesized(target_name)
    made = _methods(found)

    assert made.keys() == ROUTES.keys()
    for route, method in made.items():
        assert _function_of(found, method).endswith(f"-{ROUTES[route][0]}")
        assert method["Integration"]["Type"] == "AWS_PROXY"


@TARGETS
def test_method_needs_a_token_unless_its_route_is_public(target_name: str) -> None:
    """Only a route that says so is answered without a token of the user pool."""
    found = synthesized(target_name)
    authorizer = found.only("AWS::ApiGateway::Authorizer")

    for route, method in _methods(found).items():
        expected = "NONE" if ROUTES[route][1].is_public else "COGNITO_USER_POOLS"
        assert method["AuthorizationType"] == expected
        assert ("AuthorizerId" in method) is (not ROUTES[route][1].is_public)
    assert [target(arn) for arn in authorizer["ProviderARNs"]] == list(found.of_type("AWS::Cognito::UserPool"))
    assert authorizer["AuthorizerResultTtlInSeconds"] == 0


@TARGETS
def test_function_may_be_invoked_by_its_own_method_only(target_name: str) -> None:
    """API Gateway may invoke a function for its route in the stage, and no test console may."""
    found = synthesized(target_name)
    permissions = [
        permission
        for permission in found.properties("AWS::Lambda::Permission")
        if permission["Principal"] == "apigateway.amazonaws.com"
    ]

    assert len(permissions) == len(ROUTES)
    assert not [permission for permission in permissions if "test-invoke-stage" in json.dumps(permission)]


@TARGETS
def test_stage_is_throttled_and_logs_without_tokens(target_name: str) -> None:
    """The stage limits its callers and logs requests as JSON, without headers, bodies or ids of sessions."""
    found = synthesized(target_name)
    stage = found.only("AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]
    access_log = json.loads(stage["AccessLogSetting"]["Format"])

    assert stage["StageName"] == "v1"
    assert settings["HttpMethod"] == "*"
    assert settings["ResourcePath"] == "/*"
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] > 0
    assert settings["DataTraceEnabled"] is False
    assert target(stage["AccessLogSetting"]["DestinationArn"]) in found.of_type("AWS::Logs::LogGroup")
    assert {"$context.requestId", "$context.status", "$context.resourcePath"} <= set(access_log.values())
    assert not [value for value in access_log.values() if "header" in value or "authorizer" in value]
    assert "$context.path" not in access_log.values()


@TARGETS
def test_execution_log_is_ours_before_the_gateway_makes_it(target_name: str) -> None:
    """The gateway's own log group is declared by its prescribed name, and the stage waits for it."""
    found = synthesized(target_name)
    (id_,) = [
        id_ for id_, group in found.of_type("AWS::Logs::LogGroup").items() if "LogGroupName" in group["Properties"]
    ]
    (stage,) = found.of_type("AWS::ApiGateway::Stage").values()

    assert found.resources[id_]["Properties"]["LogGroupName"] == {
        "Fn::Join": ["", ["API-Gateway-Execution-Logs_", stage["Properties"]["RestApiId"], "/v1"]]
    }
    assert id_ in stage["DependsOn"]


def test_api_is_regional() -> None:
    """One region serves the API, without a distribution in front."""
    assert synthesized().only("AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


@RESPONSES
def test_gateway_response_has_the_shape_of_every_error(type_: str) -> None:
    """What the gateway answers by itself is a problem with a code of the contract and the function's headers."""
    (response,) = [
        found
        for found in synthesized().properties("AWS::ApiGateway::GatewayResponse")
        if found["ResponseType"] == type_
    ]
    body = json.loads(response["ResponseTemplates"]["application/json"])
    headers = {
        name.removeprefix("gatewayresponse.header."): value.strip("'")
        for name, value in response["ResponseParameters"].items()
    }

    assert list(body) == ["type", "title", "status", "detail", "code", "correlation_id"]
    assert STATUSES[body["code"]] == body["status"] == int(response["StatusCode"])
    assert body["correlation_id"] == "$context.requestId"
    assert headers.items() >= {**HEADERS, "Content-Type": "application/problem+json"}.items()
    assert headers["X-Correlation-Id"] == "context.requestId"
    assert ("Retry-After" in headers) is (body["status"] in {429, 503})
    assert ("WWW-Authenticate" in headers) is (body["status"] == 401)


@TARGETS
def test_every_kind_of_gateway_response_is_ours(target_name: str) -> None:
    """No type that the CDK knows is left in the gateway's own words."""
    known = {
        getattr(apigateway.ResponseType, name).response_type for name in vars(apigateway.ResponseType) if name.isupper()
    }
    ours = [
        response["ResponseType"] for response in synthesized(target_name).properties("AWS::ApiGateway::GatewayResponse")
    ]

    assert sorted(ours) == sorted(known)


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        ("UNAUTHORIZED", "UNAUTHENTICATED"),
        ("ACCESS_DENIED", "UNAUTHENTICATED"),
        ("MISSING_AUTHENTICATION_TOKEN", "ROUTE_NOT_FOUND"),
        ("REQUEST_TOO_LARGE", "PAYLOAD_TOO_LARGE"),
        ("THROTTLED", "RATE_LIMITED"),
        ("INTEGRATION_TIMEOUT", "STORAGE_UNAVAILABLE"),
        ("DEFAULT_5XX", "INTERNAL_ERROR"),
    ],
)
def test_gateway_response_has_the_contracts_code(type_: str, code: str) -> None:
    """What the contract says of the gateway's answers is what it answers."""
    assert {type_.response_type: refusal.code for type_, refusal in GATEWAY_RESPONSES}[type_] == code


def _allowed_to_read(api_origins: list[str]) -> set[str]:
    stack = Stack(App(analytics_reporting=False))
    api = apigateway.RestApi(stack, "api")
    api.root.add_method("GET")
    add_gateway_responses(api, api_origins)
    found = Template.from_stack(stack).find_resources("AWS::ApiGateway::GatewayResponse").values()
    return {
        response["Properties"]["ResponseParameters"].get("gatewayresponse.header.Access-Control-Allow-Origin", "")
        for response in found
    }


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [([], ""), (["https://a.example"], "'https://a.example'"), (["https://a.example", "https://b.example"], "'*'")],
)
def test_gateway_response_can_be_read_by_pages_when_origins_are_named(origins: list[str], allowed: str) -> None:
    """By that one page, or, as the gateway cannot choose, by every page: it is the same constant for everybody."""
    assert _allowed_to_read(origins) == {allowed}


def test_browser_is_told_what_a_page_may_send_when_origins_are_named() -> None:
    """Each resource answers a preflight without a token: exact origins, the contract's headers, no credentials."""
    found = synthesized(TRIAL)
    preflights = [method for method in found.properties("AWS::ApiGateway::Method") if method["HttpMethod"] == "OPTIONS"]

    assert len(preflights) == len(found.of_type("AWS::ApiGateway::Resource")) + 1
    for method in preflights:
        (answer,) = method["Integration"]["IntegrationResponses"]
        headers = {name.rpartition(".")[2]: value for name, value in answer["ResponseParameters"].items()}
        assert (method["AuthorizationType"], method["Integration"]["Type"]) == ("NONE", "MOCK")
        assert headers["Access-Control-Allow-Origin"] == "'https://a.example'"
        assert 'if($origin == "https://b.example")' in answer["ResponseTemplates"]["application/json"]
        assert headers["Access-Control-Allow-Methods"] == f"'{','.join(sorted({method for method, _ in ROUTES}))}'"
        assert (
            headers["Access-Control-Allow-Headers"] == "'Authorization,Content-Type,Idempotency-Key,X-Correlation-Id'"
        )
        assert headers["Vary"] == "'Origin'"
        assert "Access-Control-Allow-Credentials" not in headers
