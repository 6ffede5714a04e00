"""JSON values as JSON compares them, which is not how Python does."""

from math import isfinite
from typing import Any

from pydantic_core import PydanticCustomError, to_json

MAX_BYTES = 32 * 1024
"""Of a session's tools and policies, together."""
MAX_LEVELS = 10
"""Of a value that somebody gives to compare with."""


def is_json_equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: `true` is not 1, but 1.0 is.

    >>> is_json_equal([1], [1.0]), is_json_equal([1], [True]), is_json_equal({"a": None}, {})
    (True, False, False)
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_json_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_json_equal, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def is_nested_within(value: Any, levels: int) -> bool:
    """Return whether `value` is JSON of at most `levels` lists and objects inside each other, all numbers finite."""
    if isinstance(value, float):
        return isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not inner or (levels > 0 and all(is_nested_within(part, levels - 1) for part in inner))


def check_size(value: Any) -> None:
    """Refuse what takes more than `MAX_BYTES` as JSON.

    Raises:
        PydanticCustomError: it does, or is no JSON.
    """
    try:
        size = len(to_json(value))
    except ValueError:
        raise PydanticCustomError("size", "this is no JSON") from None
    if size > MAX_BYTES:
        raise PydanticCustomError("size", "tools and policies together take at most 32 KB as JSON")
