"""The stack that is looked after: found by its name, or in a local cloud."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam
from infra.dead_ends import STACK_NAME, DeadEnd, function_name
from infra.local.aws import LocalAws
from infra.local.endpoint import Endpoint
from infra.operations.endings import NotConnected

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})
"""A person waits longer than a function may."""


@dataclass(frozen=True)
class Wish:
    """What the options say.

    Attributes:
        endpoint: The `endpoint.json` of a local cloud; None for AWS.
        profile: Of the person's AWS settings, None for what the environment says.
        region: Likewise.
    """

    stack: str = STACK_NAME
    endpoint: Path | None = None
    profile: str | None = None
    region: str | None = None


class PersonsAws(Aws):
    """AWS in a person's name, with a person's patience.

    Args:
        make: Makes the client of a service.
    """

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__(IoSeam())
        self._make = make
        self._made: dict[str, Any] = {}

    def client(self, service: str, *, config: Config | None = None) -> Any:  # noqa: ARG002  # as of the functions' own
        """Return the client of `service`, whatever its configuration would be in a function."""
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]


@dataclass(frozen=True)
class Target:
    """A deployed stack.

    Attributes:
        name: Of the stack.
        aws: Clients that reach it.
        outputs: What it tells, by name.
    """

    name: str
    aws: Aws
    outputs: Mapping[str, str]

    def output(self, name: str) -> str:
        """Return what the stack tells under `name`.

        Raises:
            NotConnected: it tells no such thing.
        """
        if name not in self.outputs:
            raise NotConnected(f"The stack {self.name} has no output {name}: deploy it with this version first.")
        return self.outputs[name]

    def letters_url(self, end: DeadEnd) -> str:
        """Return the address of a queue of dead letters."""
        return self.output(end.url_output)

    def function(self, end: DeadEnd) -> str:
        """Return the name of the function whose work did not succeed."""
        return function_name(end.row, self.name)


def find_target(wish: Wish) -> Target:
    """Return the stack that is meant.

    Raises:
        NotConnected: there is none of that name.
        LocalCloudError: no local cloud is there.
    """
    aws = PersonsAws(_local(wish.endpoint) if wish.endpoint else _cloud(wish))
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    try:
        (stack,) = cloudformation.describe_stacks(StackName=wish.stack)["Stacks"]
    except ClientError as error:
        # What CloudFormation answers for a stack that does not exist.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        region = cloudformation.meta.region_name
        raise NotConnected(f"There is no stack {wish.stack} in {region}: name it with --stack and --region.") from error
    return Target(
        stack["StackName"], aws, {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    )


def _local(endpoint: Path) -> Callable[[str], Any]:
    return LocalAws(f"http://127.0.0.1:{Endpoint.load(endpoint.resolve().parent).port}").client


def _cloud(wish: Wish) -> Callable[[str], Any]:
    session = boto3.Session(profile_name=wish.profile, region_name=wish.region)
    return lambda service: session.client(service, config=_CONFIG)  # type: ignore[call-overload]  # any service
