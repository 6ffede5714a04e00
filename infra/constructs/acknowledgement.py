"""cdk-nag findings that are meant to be so, each with its reason beside the construct it is about."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

PLAIN_HTTP = "This target is the loopback address, where there is no TLS."


def acknowledge(construct: IConstruct, **reasons: str) -> None:
    """Accept findings on `construct` and everything below it.

    Args:
        construct: Whose findings.
        reasons: Why, by the rule's short name: `S1` is `AwsSolutions-S1`.
    """
    for rule, reason in reasons.items():
        acknowledge_finding(construct, rule, reason)


def acknowledge_finding(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept one finding of a rule that reports several, such as `IAM5[Resource::*]`."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{finding}", reason=reason))
