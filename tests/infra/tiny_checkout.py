"""A checkout of one function behind one route, small enough to start in a second and without Node."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.local.endpoint import Endpoint

HANDLER = """
import json
import os


def handler(event, context):
    message = "hello from version {version}"
    print(json.dumps({{"level": "INFO", "message": message, "correlation_id": "c-1", "service": "tiny"}}))
    user = event["requestContext"]["authorizer"]["claims"]["cognito:username"]
    answer = {{"user": user, "message": message, "profile": os.environ.get("AWS_PROFILE")}}
    return {{"statusCode": 200, "body": json.dumps(answer)}}
"""

# Writes what the CDK writes, as far as a deployment reads it.
APP = """
import hashlib
import json
import os
import pathlib
import shutil

out = pathlib.Path(os.environ["CDK_OUTDIR"])
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
code = hashlib.sha256(pathlib.Path("functions/hello.py").read_bytes()).hexdigest()
shutil.copytree("functions", out / f"asset.{code}")
template = json.loads(pathlib.Path("infra/template.json").read_text().replace("CODE_KEY", f"{code}.zip"))
template["Description"] = f"{context['name']} for {context['target']}"
text = json.dumps(template)
(out / "Tiny.template.json").write_text(text)


def file(path, key):
    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    return {"source": {"path": path}, "destinations": {"here": {"bucketName": bucket, "objectKey": key}}}


files = {
    "code": file(f"asset.{code}", f"{code}.zip"),
    "template": file("Tiny.template.json", f"{hashlib.sha256(text.encode()).hexdigest()}.json"),
}
(out / "Tiny.assets.json").write_text(json.dumps({"files": files}))
stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Tiny.template.json"}}
assets = {"type": "cdk:asset-manifest", "properties": {"file": "Tiny.assets.json"}}
(out / "manifest.json").write_text(json.dumps({"artifacts": {"Tiny": stack, "Tiny.assets": assets}}))
"""

_LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:tiny-hello"
_INTEGRATION = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{_LAMBDA}/invocations"

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        },
    },
    "Resources": {
        "Users": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {
                "UserPoolId": {"Ref": "Users"},
                "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                "IdTokenValidity": 24,
                "TokenValidityUnits": {"IdToken": "hours"},
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "tiny-bus"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
        "Hello": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "tiny-hello",
                "Runtime": "python3.13",
                "Handler": "hello.handler",
                "Timeout": 30,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {
                    "S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
                    "S3Key": "CODE_KEY",
                },
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "tiny"}},
        "Authorizer": {
            "Type": "AWS::ApiGateway::Authorizer",
            "Properties": {
                "Name": "users",
                "Type": "COGNITO_USER_POOLS",
                "IdentitySource": "method.request.header.Authorization",
                "RestApiId": {"Ref": "Api"},
                "ProviderARNs": [{"Fn::GetAtt": ["Users", "Arn"]}],
            },
        },
        "Path": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "hello",
            },
        },
        "Get": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResourceId": {"Ref": "Path"},
                "HttpMethod": "GET",
                "AuthorizationType": "COGNITO_USER_POOLS",
                "AuthorizerId": {"Ref": "Authorizer"},
                "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": _INTEGRATION},
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Get"],
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
            },
        },
    },
    "Outputs": {
        "ApiId": {"Value": {"Ref": "Api"}},
        "UserPoolId": {"Value": {"Ref": "Users"}},
        "UserPoolClientId": {"Value": {"Ref": "Client"}},
        "TableName": {"Value": {"Ref": "Table"}},
        "BusName": {"Value": {"Ref": "Bus"}},
    },
}


class TinyCheckout:
    """The files of the checkout, and ways to change them.

    Args:
        root: Where to write them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("infra", "functions"):
            (root / folder).mkdir(parents=True)
        (root / "cdk.json").write_text('{"context": {"name": "tiny"}}')
        (root / "infra" / "app.py").write_text(APP)
        self.set_template(TEMPLATE)
        self.set_version(1)

    def set_version(self, version: int) -> None:
        """Change the function's code."""
        (self.root / "functions" / "hello.py").write_text(HANDLER.format(version=version))

    def set_template(self, template: object) -> None:
        """Change the stack."""
        (self.root / "infra" / "template.json").write_text(json.dumps(template))

    def add_comment(self) -> None:
        """Change a source without changing what is made of it."""
        (self.root / "infra" / "notes.py").write_text("# nothing\n")

    def break_app(self) -> None:
        """Make the synthesis fail."""
        (self.root / "infra" / "app.py").write_text("raise SystemExit('the table has no key')\n")


def call(endpoint: Endpoint, user: str = "alice", path: str = "/v1/hello") -> tuple[int, dict[str, Any]]:
    """One request to a running checkout as a user: status and body."""
    address = urlsplit(endpoint.url)
    connection = HTTPConnection(address.netloc, timeout=20)
    connection.request("GET", address.path + path, headers={"Authorization": f"Bearer {endpoint.tokens[user]}"})
    answer = connection.getresponse()
    body = json.load(answer)
    connection.close()
    return answer.status, body
