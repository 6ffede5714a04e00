"""What became of a contestant, as it is told from one environment to another."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.contest.chat import ChatCost
from tests.benchmarks.contest.crowd import CrowdResult
from tests.support.capacity import Capacity


@dataclass(frozen=True)
class Standing:
    """One contestant's figures.

    Attributes:
        name: What a table calls it.
        how: How it was used and set.
        versions: Of its distributions; empty for this checkout.
        chat: What the chat cost; None when it could not be held.
        crowd: What became of the crowd's questions; None when there was none.
        error: Why it could not run; None when it did.
    """

    name: str
    how: str
    versions: Mapping[str, str]
    chat: ChatCost | None = None
    crowd: CrowdResult | None = None
    error: str | None = None


def to_json(standings: Iterable[Standing]) -> str:
    """Return the standings as text."""
    return json.dumps([asdict(standing) for standing in standings])


def from_json(text: str) -> Sequence[Standing]:
    """Return the standings that `to_json` wrote."""
    return [_standing(told) for told in json.loads(text)]


def _standing(told: Mapping[str, Any]) -> Standing:
    chat, crowd = told["chat"], told["crowd"]
    return Standing(
        **{
            **told,
            "chat": ChatCost(Capacity(**chat["total"]), Capacity(**chat["last"]), chat["readable"]) if chat else None,
            "crowd": CrowdResult(**{**crowd, "errors": tuple(crowd["errors"])}) if crowd else None,
        }
    )
