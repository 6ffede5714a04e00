"""What a deployment may choose: the context values of the app, read in one place."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from infra.agents import AgentOptions
from infra.context import flag, one_of, origins
from infra.local.layout import ROOT
from infra.model import ModelOptions
from infra.policies import PolicyOptions
from infra.target import AWS, TARGETS, Target

PRODUCTION = "prod"
_TOPIC = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}")


@dataclass(frozen=True)
class Options:
    """The choices of one deployment.

    Attributes:
        target: Context `target`, `aws` unless said.
        stage: Context `stage`; `prod`, the default, keeps data when the stack goes. Any other is for trying out.
        model: Context `model` and those that begin with it.
        tracing: Context `tracing`; X-Ray on functions and API, off unless `true`.
        policies: Context `policies` and `policies_may_loosen`.
        reserves_concurrency: Context `reserve_concurrency`; whether functions get the concurrency their rows reserve.
            On in production, where a limit that is silently missing is worse than a deployment that AWS refuses
            because the account's pool is too small; then ask for a larger one or say `false`.
        alarm_topic: Context `alarm_topic`; ARN of an SNS topic that alarms tell, empty for none.
        agents: Context `single_agent`, `max_rounds`, `max_switches` and `approval_seconds`.
        cors_origins: Context `cors_origins`; origins of the web pages that may use the API, joined by commas; none
            unless said.
        has_web_acl: Context `waf`; AWS's firewall before the API, off unless `true`.
        version: What the service calls itself, from pyproject.toml.
    """

    target: Target
    stage: str
    model: ModelOptions
    tracing: bool
    policies: PolicyOptions
    reserves_concurrency: bool
    alarm_topic: str
    agents: AgentOptions
    cors_origins: tuple[str, ...]
    has_web_acl: bool
    version: str

    @property
    def is_production(self) -> bool:
        """Whether data must outlive the stack."""
        return self.target.can_be_production and self.stage == PRODUCTION

    @classmethod
    def from_context(cls, context: Callable[..., Any]) -> Self:
        """Return what the context says.

        Args:
            context: Gives the value of a key, None when it is not set.

        Raises:
            ValueError: a value is not allowed; the text says what would be.

        >>> Options.from_context({"target": "local"}.get).model.provider
        'offline'
        """
        target = TARGETS[one_of("target", context("target") or AWS.name, tuple(TARGETS))]
        stage = str(context("stage") or PRODUCTION)
        is_production = target.can_be_production and stage == PRODUCTION
        has_web_acl = flag("waf", context("waf"), default=False)
        if has_web_acl and not target.can_have_web_acl:
            raise ValueError(f"The context value waf=true needs a firewall, and target={target.name} has none.")
        return cls(
            target=target,
            stage=stage,
            model=ModelOptions.from_context(context, default=target.default_model),
            tracing=flag("tracing", context("tracing"), default=False),
            policies=PolicyOptions.from_context(
                context("policies"),
                may_loosen=flag("policies_may_loosen", context("policies_may_loosen"), default=False),
            ),
            reserves_concurrency=flag("reserve_concurrency", context("reserve_concurrency"), default=is_production),
            alarm_topic=_topic(str(context("alarm_topic") or "")),
            agents=AgentOptions.from_context(context),
            cors_origins=origins("cors_origins", context("cors_origins")),
            has_web_acl=has_web_acl,
            version=tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        )


def _topic(arn: str) -> str:
    if arn and not _TOPIC.fullmatch(arn):
        raise ValueError(f"The context value alarm_topic={arn!r} is no ARN of an SNS topic.")
    return arn
