"""Docstrings as data."""

import pytest
from pydantic import BaseModel

from infra.openapi.docstrings import Docstring, DocstringError, attributes_of, parse

WHOLE = """Store the message.

    It is kept
    in full.

    >>> 1 + 1
    2

    Second paragraph.

    Attributes:
        content: 1–100 characters,
            not blank.
        agent: Who answers: anybody.

    Args:
        ignored: by design.

    Raises:
        SessionNotFound: no such session.

        SessionBusy: others write,
            or read.
    """


def test_docstring_is_taken_apart_when_it_has_every_part() -> None:
    """Summary, paragraphs and entries come on one line each; doctests and other sections are left out."""
    assert parse(WHOLE) == Docstring(
        summary="Store the message.",
        description="It is kept in full.\n\nSecond paragraph.",
        attributes={"content": "1–100 characters, not blank.", "agent": "Who answers: anybody."},
        raises={"SessionNotFound": "no such session.", "SessionBusy": "others write, or read."},
    )


@pytest.mark.parametrize("text", [None, ""])
def test_docstring_is_empty_when_there_is_none(text: str | None) -> None:
    """What says nothing is described by nothing."""
    assert parse(text) == Docstring()


def test_section_ends_where_prose_follows() -> None:
    """A doctest below a section is no part of it."""
    found = parse("Add.\n\nRaises:\n    KeyError: there is none.\n\n>>> add(1)\n2")

    assert found.raises == {"KeyError": "there is none."}


@pytest.mark.parametrize("line", ["just words", "a b: two names", "name:", "  Deeper: than it should be"])
def test_section_is_refused_when_a_line_would_be_lost(line: str) -> None:
    """An entry that is not written as one stops the build, for it would be missing from the description."""
    with pytest.raises(DocstringError, match="not `name: text`"):
        parse(f"Do.\n\nRaises:\n    {line}\n")


class _Base(BaseModel):
    """A base.

    Attributes:
        one: From the base.
        two: From the base.
    """

    one: int
    two: int


class _Derived(_Base):
    """A derived model.

    Attributes:
        two: Said anew.
    """


def test_nearest_word_counts_when_a_field_is_inherited() -> None:
    """A model's own docstring comes before its base's, and Pydantic's is none of ours."""
    assert attributes_of(_Derived) == {"one": "From the base.", "two": "Said anew."}
