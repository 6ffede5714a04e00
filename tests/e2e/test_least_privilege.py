"""What a function may do it does in the other tests, under its enforced role; here it tries everything else."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.catalog import CATALOG, Function, Grant
from functions.runtime.settings import Settings
from infra.local.cloud import LocalCloud
from infra.local.environment import REGION

Service = Callable[[str], Any]
Names = Mapping[str, str]
KEY = {"PK": {"S": "USER#nobody"}, "SK": {"S": "SESSION#none"}}

PROBES: Mapping[Grant, Callable[[Service, Names], object]] = {
    Grant.TABLE_READ: lambda client, names: client("dynamodb").get_item(TableName=names["table"], Key=KEY),
    Grant.TABLE_WRITE: lambda client, names: client("dynamodb").put_item(TableName=names["table"], Item=KEY),
    Grant.TABLE_SCAN: lambda client, names: client("dynamodb").scan(TableName=names["table"], Limit=1),
    Grant.CONTENT_READ: lambda client, names: client("s3").get_object(Bucket=names["content_bucket"], Key="none"),
    Grant.CONTENT_WRITE: lambda client, names: client("s3").put_object(Bucket=names["content_bucket"], Key="probe"),
    Grant.BUS_PUBLISH: lambda client, names: client("events").put_events(
        Entries=[{"EventBusName": names["bus"], "Source": "probe", "DetailType": "Probe", "Detail": "{}"}]
    ),
    Grant.TURNS_EXTEND: lambda client, names: client("sqs").change_message_visibility(
        QueueUrl=names["turns_queue_url"], ReceiptHandle="none", VisibilityTimeout=0
    ),
    Grant.EXPIRIES_EXTEND: lambda client, names: client("sqs").change_message_visibility(
        QueueUrl=names["expiries_queue_url"], ReceiptHandle="none", VisibilityTimeout=0
    ),
    Grant.PARK_COMMITS: lambda client, names: client("sqs").send_message(
        QueueUrl=names["parked_queue_url"], MessageBody="probe"
    ),
}
"""One request that each grant allows. Nobody invokes a model here: the offline one runs inside the function."""


def _is_allowed(probe: Callable[[Service, Names], object], client: Service, names: Names) -> bool:
    try:
        probe(client, names)
    except ClientError as error:
        # What is not there is looked for only by those who may look.
        status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
        denied = status == HTTPStatus.FORBIDDEN or "AccessDenied" in error.response["Error"]["Code"]
        return not denied
    return True


@pytest.mark.parametrize("function", CATALOG, ids=lambda function: function.name)
def test_role_allows_what_the_catalog_grants_and_nothing_else(cloud: LocalCloud, function: Function) -> None:
    """Each grant is tried with the function's own credentials, those it has and those it lacks."""
    deployed = cloud.client("lambda").get_function_configuration(FunctionName=f"AgentRuntime-{function.name}")
    variables = deployed["Environment"]["Variables"]
    names = {field: variables[name] for field, name in Settings.environment_names().items() if name in variables}
    session = cloud.client("sts").assume_role(RoleArn=deployed["Role"], RoleSessionName="probe")["Credentials"]

    def client(service: str) -> Any:
        return boto3.Session().client(
            service,  # type: ignore[call-overload]  # any service
            endpoint_url=f"http://127.0.0.1:{cloud.endpoint.port}",
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )

    allowed = {grant for grant, probe in PROBES.items() if _is_allowed(probe, client, names)}

    assert allowed == function.grants & PROBES.keys()


def test_every_grant_is_tried() -> None:
    """A new grant gets a probe."""
    assert PROBES.keys() == set(Grant) - {Grant.MODEL_INVOKE}
