"""What a deployment may choose about its agents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from domain.services.deployment import Limits
from infra.context import flag, whole


@dataclass(frozen=True)
class AgentOptions:
    """Which agents there are, and the bounds of their turns.

    Attributes:
        is_single_agent: Context `single_agent`; one agent answers everything, off unless `true`.
        max_rounds: Context `max_rounds`; model calls in one turn, 2 to 100.
        max_switches: Context `max_switches`; agent switches in one turn, 1 to 50.
        approval_seconds: Context `approval_seconds`; time to decide on an approval, 5 s to 1 day.
    """

    is_single_agent: bool
    max_rounds: int
    max_switches: int
    approval_seconds: int

    @classmethod
    def from_context(cls, context: Callable[..., Any]) -> Self:
        """Return what the context says; what it does not say is as in `Limits`.

        Args:
            context: Gives the value of a key, None when it is not set.

        Raises:
            ValueError: a value is not allowed; the text says what would be.

        >>> AgentOptions.from_context({"max_rounds": "30"}.get).settings()["max_rounds"]
        '30'
        """

        def bound(key: str, default: int, *, least: int, most: int) -> int:
            return whole(key, context(key), default=default, least=least, most=most)

        usual = Limits()
        return cls(
            is_single_agent=flag("single_agent", context("single_agent"), default=False),
            # Routing takes one round, an answer the other.
            max_rounds=bound("max_rounds", usual.rounds, least=2, most=100),
            max_switches=bound("max_switches", usual.switches, least=1, most=50),
            approval_seconds=bound("approval_seconds", usual.approval_seconds, least=5, most=86_400),
        )

    def settings(self) -> Mapping[str, str]:
        """Return what functions are told, under the names of `Settings`."""
        return {
            "single_agent": str(self.is_single_agent).lower(),
            "max_rounds": str(self.max_rounds),
            "max_switches": str(self.max_switches),
            "approval_seconds": str(self.approval_seconds),
        }
