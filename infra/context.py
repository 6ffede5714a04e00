"""Context values of the CDK: the command line gives text, cdk.json gives what JSON has."""

import re
from typing import Any

MAX_ORIGINS = 10
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


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


def origins(key: str, value: Any) -> tuple[str, ...]:
    """Return the origins of web pages, in order and each once; none when the value is not set.

    Raises:
        ValueError: one is no origin as a browser sends it, or is plain HTTP from another machine, or there are more
            than 10.

    >>> origins("cors_origins", "https://a.example, http://localhost:5173")
    ('https://a.example', 'http://localhost:5173')
    """
    if not value:
        return ()
    said = value if isinstance(value, list) else str(value).split(",")
    found = tuple(dict.fromkeys(str(origin).strip() for origin in said))
    wrong = [origin for origin in found if not _ORIGIN.fullmatch(origin)]
    if wrong:
        raise ValueError(
            f"The context value {key} names {wrong[0]!r}, which is no origin like https://app.example: scheme and host"
            " in lower case, a port if it has one, no path, no *; plain HTTP on this machine only."
        )
    if len(found) > MAX_ORIGINS:
        raise ValueError(f"The context value {key} names {len(found)} origins; {MAX_ORIGINS} at most.")
    return found
