"""Leave to do something, with the reason for a wildcard where the leave is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from infra.constructs.acknowledgement import acknowledge_finding


@dataclass(frozen=True)
class Permission:
    """Named actions on named resources.

    Attributes:
        actions: In IAM's words, none with a `*`.
        resources: ARNs.
        wildcard: Why a resource holds a `*`; empty when none does.
        conditions: In IAM's words.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    wildcard: str = ""
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def statement(self) -> iam.PolicyStatement:
        """Return it as IAM takes it."""
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=dict(self.conditions)
        )

    def acknowledge(self, holder: IConstruct) -> None:
        """Give the reason to cdk-nag, for the role or policy that holds it; without a reason the finding stands."""
        if self.wildcard:
            for resource in self.resources:
                acknowledge_finding(holder, f"IAM5[Resource::{_as_nag_says(holder, resource)}]", self.wildcard)


def _as_nag_says(holder: IConstruct, arn: str) -> str:
    """Return `arn` with `<Logical.Attribute>` where CloudFormation fills something in."""
    resolved = Stack.of(holder).resolve(arn) if Token.is_unresolved(arn) else arn
    parts = resolved["Fn::Join"][1] if isinstance(resolved, dict) else [resolved]
    return "".join(part if isinstance(part, str) else f"<{_reference(part)}>" for part in parts)


def _reference(part: dict[str, str | list[str]]) -> str:
    (target,) = part.values()
    return target if isinstance(target, str) else ".".join(target)
