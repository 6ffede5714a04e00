"""What models cost."""

import pytest

from domain.model.message import Usage
from domain.model.prices import PRICES, cost_micro_usd


@pytest.mark.parametrize(
    ("model", "tokens_in", "tokens_out", "cost"),
    [
        ("offline", 10**9, 10**9, 0),
        ("gpt-4o", 1_000_000, 0, 2_500_000),
        ("gpt-4o", 0, 1_000_000, 10_000_000),
        ("global.anthropic.claude-sonnet-4-6", 1_000_000, 1_000_000, 18_000_000),
        ("eu.anthropic.claude-sonnet-4-6", 1_000_000, 1_000_000, 19_800_000),
        ("amazon.nova-micro-v1:0", 1_000_000, 1_000_000, 175_000),
        ("amazon.nova-micro-v1:0", 1, 0, 1),
        ("global.amazon.nova-2-lite-v1:0", 0, 0, 0),
    ],
)
def test_cost_is_the_list_price_when_it_is_known(model: str, tokens_in: int, tokens_out: int, cost: int) -> None:
    """Millionths of a dollar, rounded up, by one table."""
    assert cost_micro_usd(model, Usage(input_tokens=tokens_in, output_tokens=tokens_out)) == cost


@pytest.mark.parametrize("model", ["", "llama3.1:8b", "gpt-4o-", "openai/gpt-4o", "Offline"])
def test_cost_is_none_when_the_price_is_not_known(model: str) -> None:
    """A name that merely looks like one with a price is not charged for it."""
    assert cost_micro_usd(model, Usage(input_tokens=1)) is None


def test_output_costs_more_than_input_when_anything_is_charged() -> None:
    """So it is with every provider; a row with its numbers swapped is found."""
    assert all(price.input < price.output for model, price in PRICES.items() if model != "offline")
