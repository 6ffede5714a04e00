"""Titles of sessions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.services.titles import MAX_BYTES, MAX_CHARACTERS, Title, title_from

TITLES: TypeAdapter[str] = TypeAdapter(Title)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("a", "a"),
        ("  First look \n", "First look"),
        ("x" * 255, "x" * 255),
        (" " * 400 + "x" * 255, "x" * 255),
        ("ж" * 200, "ж" * 200),
        ("🦉" * 100, "🦉" * 100),
    ],
)
def test_title_is_trimmed_when_it_fits(given: str, taken: str) -> None:
    """1–255 characters and at most 400 bytes, counted after trimming."""
    assert TITLES.validate_python(given) == taken


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "at least 1 character"),
        (" \t\n ", "at least 1 character"),
        ("x" * 256, "at most 255 characters"),
        ("ж" * 201, "at most 400 bytes"),
        ("🦉" * 101, "at most 400 bytes"),
        (7, "valid string"),
        (None, "valid string"),
    ],
)
def test_title_is_refused_when_it_does_not_fit(given: object, said: str) -> None:
    """The reason names the limit."""
    with pytest.raises(ValidationError, match=said):
        TITLES.validate_python(given)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("hello", "hello"),
        ("  Where is\n\nthe   lock?\t", "Where is the lock?"),
        ("x" * 300, "x" * 255),
        ("ж" * 300, "ж" * 200),
        ("🦉" * 300, "🦉" * 100),
        ("a" + "🦉" * 300, "a" + "🦉" * 99),
        ("x" * 254 + " y", "x" * 254),
    ],
)
def test_title_is_made_of_the_first_words_when_none_is_given(content: str, title: str) -> None:
    """Cut to the limits, never inside a character, never ending in a blank."""
    assert title_from(content) == title


@given(st.text(min_size=1).filter(lambda content: content.strip()))
def test_made_title_is_a_valid_one_when_a_message_is_anything(content: str) -> None:
    """Whatever was said first, the session can carry it as title."""
    title = title_from(content)

    assert title
    assert len(title) <= MAX_CHARACTERS
    assert len(title.encode()) <= MAX_BYTES
