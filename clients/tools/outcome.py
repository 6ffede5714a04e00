"""How a tool call ended at the client."""

from dataclasses import dataclass
from typing import Any


class ToolRefused(Exception):  # noqa: N818  # named after what it says to the model
    """The call cannot be carried out; the text tells the model why and what it may do instead."""


@dataclass(frozen=True)
class ToolDone:
    """The call has a result: any JSON; empty, zero and None are results too."""

    result: Any


@dataclass(frozen=True)
class ToolFailed:
    """The call has none; `error` says why, in at most 2 000 characters."""

    error: str


Outcome = ToolDone | ToolFailed
