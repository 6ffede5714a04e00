"""Deploys a synthesized stack into a local cloud, as `cdk deploy` would into an account, in a second or two."""

from __future__ import annotations

import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra.local.assembly import Assembly
from infra.local.aws import ACCOUNT, LocalAws
from infra.local.environment import REGION
from infra.local.errors import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

BOOTSTRAP_VERSION = ("/cdk-bootstrap/hnb659fds/version", "21")
"""The parameter that says an account is ready for the CDK; every stack reads it."""

CHANGE_SECONDS = 120.0
_POLL_SECONDS = 0.1
_VARIABLES = {"${AWS::AccountId}": ACCOUNT, "${AWS::Region}": REGION, "${AWS::Partition}": "aws"}


def deploy(assembly: Assembly, aws: LocalAws) -> dict[str, str]:
    """Create the stack, or update it when it is there.

    Args:
        assembly: What to deploy.
        aws: Clients of the local cloud.

    Returns:
        The stack's outputs by name.

    Raises:
        LocalCloudError: CloudFormation refused or failed; the text says which resource and why.
    """
    ssm: SSMClient = aws.client("ssm")
    name, version = BOOTSTRAP_VERSION
    ssm.put_parameter(Name=name, Value=version, Type="String", Overwrite=True)
    s3: S3Client = aws.client("s3")
    _upload(assembly, s3)
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    stack = _change(assembly, cloudformation)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _upload(assembly: Assembly, s3: S3Client) -> None:
    """Put the assets that are not there yet; their keys are hashes of their contents."""
    by_bucket: dict[str, dict[str, Path]] = {}
    for asset in assembly.assets:
        by_bucket.setdefault(_resolve(asset.bucket), {})[asset.key] = asset.source
    for bucket, sources in by_bucket.items():
        s3.create_bucket(Bucket=bucket)
        present = {found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
        for key in sources.keys() - present:
            with tempfile.TemporaryFile() as body:
                if sources[key].is_dir():
                    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                        _zip(sources[key], archive)
                    body.seek(0)
                    s3.put_object(Bucket=bucket, Key=key, Body=body)
                else:
                    s3.put_object(Bucket=bucket, Key=key, Body=sources[key].read_bytes())


def _zip(folder: Path, archive: zipfile.ZipFile) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            archive.write(path, path.relative_to(folder))


def _change(assembly: Assembly, cloudformation: CloudFormationClient) -> StackTypeDef:
    template = assembly.template_asset
    # By address, because the template is larger than what a request may carry.
    url = f"https://s3.{REGION}.amazonaws.com/{_resolve(template.bucket)}/{template.key}"
    existing = _describe(assembly.stack, cloudformation)
    change = cloudformation.create_stack if existing is None else cloudformation.update_stack
    try:
        change(
            StackName=assembly.stack,
            TemplateURL=url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise LocalCloudError(f"The local CloudFormation refused {assembly.stack}: {error}") from error
    deadline = time.monotonic() + CHANGE_SECONDS
    while True:
        stack = _describe(assembly.stack, cloudformation)
        status = stack["StackStatus"] if stack else "gone"
        if stack and status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return stack
        if not status.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
            reasons = "\n".join(_failures(assembly.stack, cloudformation))
            raise LocalCloudError(f"Deploying {assembly.stack} ended as {status}:\n{reasons}")
        time.sleep(_POLL_SECONDS)


def _describe(stack: str, cloudformation: CloudFormationClient) -> StackTypeDef | None:
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        # Also what AWS answers for a stack that does not exist.
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise


def _failures(stack: str, cloudformation: CloudFormationClient) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', 'no reason')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _resolve(text: str) -> str:
    for variable, value in _VARIABLES.items():
        text = text.replace(variable, value)
    return text
