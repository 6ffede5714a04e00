"""What a deployment tells its functions, through the environment. The only reader of `os.environ` in Lambda code."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

PREFIX = "AGENT_RUNTIME_"

# pydantic would look for plug-ins in every installed distribution at each cold start.
STATIC_ENVIRONMENT = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""Variables that libraries read before any code of ours runs; the rest are the fields of `Settings`."""


@dataclass(frozen=True)
class Settings:
    """A function's settings. The CDK writes exactly these, so a field added here must be given there.

    Attributes:
        table: Name of the one table.
        bus: Name of the event bus.
        content_bucket: Bucket for content too large for an item.
        turns_queue_url: Queue that starts turns.
        expiries_queue_url: Queue that brings approvals when their time is over.
        parked_queue_url: Queue of commits the bus did not take.
        model: Which model client answers: `offline`, `bedrock` or `openai`. Of the further settings of a model, those
            that this one has no use for are empty.
        model_id: The model, as its provider names it.
        model_base_url: Of an OpenAI-compatible server, up to and including the version.
        model_key: Where the key to that server is kept: ARN of a secret, or ARN or name of a parameter of SSM.
        model_guardrail: Of Bedrock, `<id>:<version>`.
        model_fallback: Another model of the same provider, called when the first cannot answer; empty for none.
        version: What `GET /health` says.
        tracing: `true` where calls are traced.
        single_agent: `true` where one agent answers everything.
        max_rounds: Model calls in one turn, a whole number.
        max_switches: Agent switches in one turn, a whole number.
        approval_seconds: Time to decide on an approval, a whole number.
        policies: The deployment's rules on approvals, as JSON.
        policies_may_loosen: `true` where a session's rules win over them.
        cors_origins: Origins of the web pages that may use the API, joined by commas; empty for none.
    """

    table: str
    bus: str
    content_bucket: str
    turns_queue_url: str
    expiries_queue_url: str
    parked_queue_url: str
    model: str
    model_id: str
    model_base_url: str
    model_key: str
    model_guardrail: str
    model_fallback: str
    version: str
    tracing: str
    single_agent: str
    max_rounds: str
    max_switches: str
    approval_seconds: str
    policies: str
    policies_may_loosen: str
    cors_origins: str

    @property
    def is_traced(self) -> bool:
        """Whether calls are traced."""
        return self.tracing == "true"

    @property
    def is_single_agent(self) -> bool:
        """Whether one agent answers everything."""
        return self.single_agent == "true"

    @classmethod
    def environment_names(cls) -> dict[str, str]:
        """Return the environment variable of each field.

        >>> Settings.environment_names()["table"]
        'AGENT_RUNTIME_TABLE'
        """
        return {field.name: PREFIX + field.name.upper() for field in fields(cls)}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of this process.

        Raises:
            KeyError: a variable is missing; its name is the message.
        """
        return cls(**{field: environment[name] for field, name in cls.environment_names().items()})


def is_lambda(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process was started by Lambda, real or local."""
    return "AWS_LAMBDA_FUNCTION_NAME" in environment
