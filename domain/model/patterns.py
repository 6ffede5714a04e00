r"""Regular expressions from strangers: bounded when they are accepted, searched in time linear in the text.

Rust's engine, which Pydantic brings, does not backtrack. What is left to an attacker is size: counts like `{1000}` copy
what they repeat, so a pattern is weighed before it is compiled.

Source:
    https://docs.rs/regex/latest/regex/#untrusted-input
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator, core_schema

MAX_CHARACTERS = 500
MAX_WEIGHT = 600
"""Of one pattern: its length and what its counts add to that. One this heavy searches 100 KB in half a second."""
MAX_TOTAL_WEIGHT = 2000
"""Of all patterns in one list of rules or tools."""

# A name in braces after a backslash is no count, and what an escape stands for is one character.
_ESCAPE = re.compile(r"\\[xuUpP]\{[^{}]*\}|\\.", re.DOTALL)
_COUNT = re.compile(r"\{([^{}]*\d[^{}]*)\}")
# Comments could hide a bracket from us, but not from the engine.
_VERBOSE = re.compile(r"\(\?[a-zA-Z-]*x")


def weight(pattern: str) -> int:
    r"""Return at most how many characters the pattern has once its counts are written out.

    >>> weight("a{3}"), weight(r"(\d{4}-){3}")
    (7, 42)
    """
    plain = _ESCAPE.sub("e", pattern)
    length, factor = len(plain), 1
    for found in _COUNT.finditer(plain):
        count = max(map(int, re.findall(r"\d{1,9}", found[1])))
        # What ends like this may hold counts itself.
        if plain[: found.start()].rstrip().endswith((")", "}", "*", "+", "?")):
            factor *= max(count, 1)
        else:
            length += count
    return length * factor


def search(pattern: str, text: str) -> bool:
    """Return whether an accepted pattern is found anywhere in `text`.

    >>> search("^src/", "src/app.py"), search("^src/", "a/src/")
    (True, False)
    """
    return _compiled(pattern).isinstance_python(text)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, strict=True, regex_engine="rust-regex"))


def _accepted(pattern: str) -> str:
    if _VERBOSE.search(pattern):
        raise PydanticCustomError("pattern", "the flag x is not supported in a regular expression")
    if weight(pattern) > MAX_WEIGHT:
        raise PydanticCustomError("pattern", "the counts in this regular expression are too large")
    try:
        _compiled(pattern)
    except SchemaError:
        raise PydanticCustomError("pattern", "this is no regular expression that Rust's regex crate knows") from None
    return pattern


Pattern = Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(_accepted)]
"""A regular expression as a stranger may give it."""


def check_total(value: Any, name: str) -> None:
    """Refuse JSON whose patterns, valid or not, would take long to compile together.

    Args:
        value: Anything, not yet validated.
        name: How the names end under which patterns stand.

    Raises:
        PydanticCustomError: they weigh more than `MAX_TOTAL_WEIGHT`.
    """
    total = 0
    for pattern in _patterns(value, name):
        total += _cost(pattern)
        if total > MAX_TOTAL_WEIGHT:
            raise PydanticCustomError("patterns", "the regular expressions are too many or too large together")


def _cost(pattern: str) -> int:
    if len(pattern) > MAX_CHARACTERS or weight(pattern) > MAX_WEIGHT:
        return 0  # it is refused for itself, uncompiled
    return weight(pattern)


def _patterns(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and isinstance(key, str) and key.endswith(name):
                yield inner
            else:
                yield from _patterns(inner, name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _patterns(inner, name)
