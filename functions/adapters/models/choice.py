"""What a deployment chose to be its model; imports nothing, since every function is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelChoice:
    """What a deployment has chosen; what the provider has no use for is empty.

    Attributes:
        provider: One of `selection.PROVIDERS`.
        model_id: As the provider names the model.
        base_url: Of an OpenAI-compatible server.
        key: Where the key to that server is kept; empty when it asks for none.
        guardrail: Of Bedrock, `<id>:<version>`; empty for none.
        fallback: Another model of the same provider, empty for none.
        table: Where workers share what they know of the provider.
    """

    provider: str
    model_id: str
    base_url: str
    key: str
    guardrail: str
    fallback: str
    table: str
