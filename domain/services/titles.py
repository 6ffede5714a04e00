"""Titles of sessions: given, or taken from a first message."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

MAX_CHARACTERS = 255
MAX_BYTES = 400


def _fits_the_head(title: str) -> str:
    if len(title.encode()) > MAX_BYTES:
        raise ValueError(f"a title has at most {MAX_BYTES} bytes in UTF-8")
    return title


Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS),
    AfterValidator(_fits_the_head),
    Field(
        description=f"1–{MAX_CHARACTERS} characters and at most {MAX_BYTES} bytes in UTF-8, after trimming.",
        json_schema_extra={"pattern": r"\S"},
    ),
]
"""A title as a client may give it; 400 bytes keep the head within one write unit."""


def title_from(content: str) -> str:
    r"""Return a title made of a first message: its words, cut to the limits.

    >>> title_from("  Where is\nthe lock?  ")
    'Where is the lock?'
    """
    words = " ".join(content.split())[:MAX_CHARACTERS]
    return words.encode()[:MAX_BYTES].decode(errors="ignore").strip()
