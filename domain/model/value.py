"""The base of everything immutable."""

import json
from typing import Annotated, Any, NewType

from pydantic import BaseModel, ConfigDict, Field

UserId = NewType("UserId", str)
"""base64url(SHA-256(issuer + NUL + sub)), 43 characters; holds no separator that anyone could forge."""
CallId = NewType("CallId", str)
"""`<seq>-<i>`: number of the last fact of the commit that opened the call, and the call's place in its answer."""
ApprovalId = NewType("ApprovalId", str)
"""`a-` and the id of the call that waits for it."""
CorrelationId = NewType("CorrelationId", str)
EventId = NewType("EventId", str)
"""`<incarnation>:<seq>`; the one key by which a subscriber recognises a repeat."""

SessionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""Chosen by the client or made by us; unique per user."""

JsonObject = dict[str, Any]


class Value(BaseModel):
    """A frozen value that refuses unknown fields."""

    # Errors are logged, and what a value was made of may be somebody's text.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class SessionKey(Value):
    """Owner and session: without the owner no item of a session can be named."""

    user: Annotated[UserId, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    session_id: SessionId


class Trace(Value):
    """What caused a command: the request it belongs to, and the fact that set it off, if one did."""

    correlation_id: CorrelationId
    causation_id: EventId | None = None


def json_text(value: Any) -> str:
    """Return `value` as compact JSON, keys in their order.

    Raises:
        ValueError: it is no JSON: a number that is none, or nested beyond measure.

    >>> json_text({"a": [1, "é"]})
    '{"a":[1,"é"]}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def json_bytes(value: Any) -> int:
    """Return how many bytes `value` takes as JSON in UTF-8.

    Raises:
        ValueError: it is no JSON: a lone surrogate, a number that is none, or nested beyond measure.

    >>> json_bytes("é")
    4
    """
    return len(json_text(value).encode())
