"""The stack as the CDK writes it, once per process and context; its code packages are next to empty."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.app import app
from infra.dead_ends import STACK_NAME
from infra.packaging import Packages

Properties = dict[str, Any]
AWS = "aws"
LOCAL = "local"
TRIAL = "trial"
CONTEXTS = {
    AWS: {"target": "aws"},
    LOCAL: {"target": "local"},
    TRIAL: {
        "target": "aws",
        "stage": "trial",
        "tracing": "true",
        "policies": '[{"request_type": "tool", "subject": "write_*", "action": "approve"}]',
        "policies_may_loosen": "true",
        "cors_origins": "https://a.example,https://b.example",
        "waf": "true",
        "model": "openai",
        "model_id": "gpt-4o",
        "model_base_url": "https://models.example/v1",
        "model_fallback": "gpt-4o-mini",
        "alarm_topic": "arn:aws:sns:eu-west-1:123456789012:operators",
        "model_key": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:model/key-AbCdEf",
    },
}
"""The context values of each stack that tests look at: a synthesis takes seconds, so they are few."""


@dataclass(frozen=True)
class Synthesized:
    """A template and what the CDK says besides."""

    template: dict[str, Any]
    metadata: dict[str, list[dict[str, Any]]]
    report: dict[str, Any]
    manifest: dict[str, Any]

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource by logical id."""
        return dict(self.template["Resources"])

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        """Resources of a type by logical id."""
        return {id_: resource for id_, resource in self.resources.items() if resource["Type"] == type_}

    def properties(self, type_: str) -> list[Properties]:
        """Properties of all resources of a type."""
        return [resource["Properties"] for resource in self.of_type(type_).values()]

    def only(self, type_: str) -> Properties:
        """Properties of the one resource of a type."""
        (properties,) = self.properties(type_)
        return properties

    def function(self, name: str) -> Properties:
        """Properties of the function of a catalog row."""
        (properties,) = [found for found in self.properties("AWS::Lambda::Function") if is_named(found, name)]
        return properties

    def role_of(self, name: str) -> dict[str, Any]:
        """The role of a catalog row's function."""
        return self.resources[target(self.function(name)["Role"])]

    def path_of(self, id_: str) -> str:
        """Construct path of a resource."""
        return str(self.resources[id_]["Metadata"]["aws:cdk:path"])

    def acknowledged(self, path: str) -> dict[str, str]:
        """Reasons by rule that hold for a construct, its parents' included."""
        return {
            rule.partition("::")[2]: reason
            for holder, entries in self.metadata.items()
            if f"/{path}".startswith(f"{holder}/")
            for entry in entries
            if entry["type"] == "aws:cdk:acknowledged-rules"
            for rule, reason in entry["data"].items()
        }


@cache
def synthesized(name: str = AWS) -> Synthesized:
    """Return one of the stacks of `CONTEXTS`."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        out = place / "out"
        app(str(out), context=CONTEXTS[name], packages=packages_in(place)).synth()
        return Synthesized(
            template=_read(out / f"{STACK_NAME}.template.json"),
            metadata=_read(out / f"{STACK_NAME}.metadata.json"),
            report=_read(out / "validation-report.json"),
            manifest=_read(out / "manifest.json"),
        )


def packages_in(place: Path) -> Packages:
    """Packages of an empty module each, which need no installing."""
    return Packages(layer=_code(place, "layer"), functions=_code(place, "functions"))


def _code(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    (folder / f"{name}.py").touch()
    return folder


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def is_named(function: Properties, name: str) -> bool:
    """Whether a function is that of the catalog row `name`."""
    return bool(function["FunctionName"] == f"{STACK_NAME}-{name}")


def target(reference: dict[str, Any]) -> str:
    """Logical id that a Ref or GetAtt points at."""
    (value,) = reference.values()
    return str(value if isinstance(value, str) else value[0])


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Statements of a role's own policies, actions and resources as lists."""
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement | {key: as_list(statement[key]) for key in ("Action", "Resource")}


def as_list(value: Any) -> list[Any]:
    """What IAM writes without brackets when it is one."""
    return value if isinstance(value, list) else [value]


def rendered(value: Any) -> str:
    """An ARN with `<Logical.Attribute>` where CloudFormation fills something in, as cdk-nag writes it."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(rendered(part) for part in value["Fn::Join"][1])
    (reference,) = value.values()
    return f"<{'.'.join(as_list(reference))}>"
