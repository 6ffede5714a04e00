"""Context values of the CDK: the command line gives text, cdk.json gives what JSON has."""

from typing import Any


def one_of(key: str, value: Any, allowed: tuple[str, ...]) -> str:
    """Return a value that is one of those allowed.

    Raises:
        ValueError: it is not; the text says what would be.
    """
    if value not in allowed:
        raise ValueError(f"The context value {key}={value!r} is none of {', '.join(allowed)}.")
    return str(value)


def flag(key: str, value: Any, *, default: bool) -> bool:
    """Return whether a value says true; `default` when it is not set.

    Raises:
        ValueError: it says neither true nor false.
    """
    if value is None:
        return default
    return one_of(key, str(value).lower(), ("true", "false")) == "true"


def whole(key: str, value: Any, *, default: int, least: int, most: int) -> int:
    """Return a whole number from `least` to `most`; `default` when it is not set.

    Raises:
        ValueError: it is no such number.

    >>> whole("max_rounds", "30", default=25, least=2, most=100)
    30
    """
    if value is None:
        return default
    text = str(value)
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise ValueError(f"The context value {key}={value!r} is no whole number from {least} to {most}.")
    return int(text)
