"""Every port has a suite that its fake passes like the real adapter, or a reason why it needs none."""

from pathlib import Path

import pytest

from domain import ports

NO_SUITE = {
    "Deliveries": "What TurnQueue and ExpiryQueue have in common.",
    "MetricsCollector": "No fake: tests read the lines that the real one logs.",
    "StoreHealth": "The fake has nothing to say; the real one is tested where it can fail.",
}


def suites() -> list[str]:
    """Return the first line of each suite of this folder."""
    return [path.read_text().partition("\n")[0] for path in Path(__file__).parent.glob("test_*.py")]


@pytest.mark.parametrize("port", sorted(ports.__all__))
def test_port_has_a_suite_when_it_has_a_fake(port: str) -> None:
    """A suite names its ports in its first sentence."""
    has_suite = any(f"`{port}" in line for line in suites())

    assert has_suite is (port not in NO_SUITE)
