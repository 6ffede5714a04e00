"""What models cost: one table, list prices without discounts."""

from typing import Final, NamedTuple

from domain.model.message import Usage


class Price(NamedTuple):
    """Micro-USD per 1000 tokens, which is the list's USD per million tokens times 1000."""

    input: int
    output: int


_OFFLINE = {"offline": Price(0, 0)}

# Per model as its global inference profile has it; the same model within one geography or region costs a tenth more.
_BEDROCK_GLOBAL = {
    "amazon.nova-2-lite-v1:0": Price(300, 2_500),
    "anthropic.claude-haiku-4-5-20251001-v1:0": Price(1_000, 5_000),
    "anthropic.claude-opus-4-5-20251101-v1:0": Price(5_000, 25_000),
    "anthropic.claude-opus-4-6-v1": Price(5_000, 25_000),
    "anthropic.claude-opus-4-7": Price(5_000, 25_000),
    "anthropic.claude-opus-4-8": Price(5_000, 25_000),
    "anthropic.claude-sonnet-4-5-20250929-v1:0": Price(3_000, 15_000),
    "anthropic.claude-sonnet-4-6": Price(3_000, 15_000),
}
# The same wherever it runs.
_BEDROCK_ANYWHERE = {
    "amazon.nova-lite-v1:0": Price(60, 240),
    "amazon.nova-micro-v1:0": Price(35, 140),
    "amazon.nova-pro-v1:0": Price(800, 3_200),
}
_GEOGRAPHIES = ("", "apac.", "au.", "eu.", "jp.", "us.")

_OPENAI = {
    "gpt-4.1": Price(2_000, 8_000),
    "gpt-4.1-mini": Price(400, 1_600),
    "gpt-4o": Price(2_500, 10_000),
    "gpt-4o-mini": Price(150, 600),
    "gpt-5": Price(1_250, 10_000),
    "gpt-5-mini": Price(250, 2_000),
    "gpt-5.2": Price(1_750, 14_000),
    "gpt-5.4": Price(2_500, 15_000),
}

PRICES: Final[dict[str, Price]] = {
    **_OFFLINE,
    **{f"global.{model}": price for model, price in _BEDROCK_GLOBAL.items()},
    **{
        f"{geography}{model}": Price(price.input * 11 // 10, price.output * 11 // 10)
        for model, price in _BEDROCK_GLOBAL.items()
        for geography in _GEOGRAPHIES
    },
    **{f"{geography}{model}": price for model, price in _BEDROCK_ANYWHERE.items() for geography in _GEOGRAPHIES},
    **_OPENAI,
}
"""By the model's name as facts have it. What is discounted (cached tokens, batches, contracts) is not known here.

Source:
    List prices of 2026 as published for Amazon Bedrock (us-east-1) and by OpenAI: https://aws.amazon.com/bedrock/pricing,
    https://platform.claude.com/docs/en/about-claude/pricing (global and regional endpoints), https://openai.com/api/pricing.
"""


def cost_micro_usd(model: str, usage: Usage) -> int | None:
    """Return what a call costs at list price in millionths of a US dollar, None when the price is not known.

    >>> cost_micro_usd("global.anthropic.claude-sonnet-4-6", Usage(input_tokens=2_000, output_tokens=100))
    7500
    >>> cost_micro_usd("us.anthropic.claude-sonnet-4-6", Usage(input_tokens=2_000, output_tokens=100))
    8250
    >>> cost_micro_usd("a model of our own", Usage(input_tokens=1))
    """
    price = PRICES.get(model)
    if price is None:
        return None
    # Rounded up: a budget that is checked against it is never overdrawn by fractions.
    return -(-(usage.input_tokens * price.input + usage.output_tokens * price.output) // 1000)
