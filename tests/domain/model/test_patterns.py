"""Regular expressions from strangers cost little, whatever they are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from domain.model import patterns

ADAPTER: TypeAdapter[str] = TypeAdapter(patterns.Pattern)
BOMBS = (
    "(a+)+$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    r"\w{500}!",
    r"(\w{10}){40}!",
    r"[\w\s]{500}!",
    ".*a.{200}.*b.{100}.*c",
    r"\w+" * 160 + "!",
    r"\w?" * 160 + "!",
    r"(?:x|y|z|.*|\w+)*" * 25,
    "(" * 250 + ")" * 250,
)
TOO_LARGE = (
    "a{1000}" * 70,
    "(a{1000}){1000}",
    "(?:(?:a?){100}){100}b",
    "a{99}{99}{99}",
    "(a{30}) {30}",
    "(a{30})\t{ 30 }",
    "((a{30})*){30}",
    "a{30}+{30}",
    "a{,1000}",
    "a{1,1000}",
    "a{1000,}",
    "a{ 1 , 1000 }",
    "a{601}",
    "\\\\p{601}",
)


@pytest.mark.parametrize("pattern", BOMBS)
@pytest.mark.parametrize("text", ["a" * 100_000, "a é1 " * 20_000, "ab" * 50_000 + "!"], ids=["a", "é", "ab"])
def test_pattern_takes_under_a_second_when_it_is_a_bomb(pattern: str, text: str) -> None:
    """Accepted or not: compiling it, and searching the largest argument there can be."""
    began = time.process_time()

    try:
        patterns.search(ADAPTER.validate_python(pattern), text)
    except ValidationError as refused:
        assert refused.error_count() == 1  # noqa: PT017  # either is fine, and quick

    assert time.process_time() - began < 1


@pytest.mark.parametrize("pattern", TOO_LARGE)
def test_pattern_is_refused_when_its_counts_are_large(pattern: str) -> None:
    """However they are written, before anything is compiled."""
    with pytest.raises(ValidationError, match=r"counts in this regular expression are too large|at most 500"):
        ADAPTER.validate_python(pattern)


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "a**{", "(?=a)", r"\1", "(?P<n>a)(?P=n)", "*", r"\p{Nope}"])
def test_pattern_is_refused_when_it_is_none(pattern: str) -> None:
    """Look-around and back-references are what a linear engine cannot do."""
    with pytest.raises(ValidationError, match="no regular expression that Rust's regex crate knows"):
        ADAPTER.validate_python(pattern)


@pytest.mark.parametrize("pattern", ["(?x)a # {", "(?ix)a", "(?i-x:a)"])
def test_pattern_is_refused_when_it_is_verbose(pattern: str) -> None:
    """A comment could hide a bracket from the one who weighs it."""
    with pytest.raises(ValidationError, match="flag x"):
        ADAPTER.validate_python(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (r"^src/.*\.py$", "src/a/b.py", True),
        (r"^src/.*\.py$", "src/a/b.pyc", False),
        ("rm", "sudo rm -rf /", True),
        ("(?i)RM", "sudo rm", True),
        (r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", "8e6a7b52-1d2f-4c3e-9a70-5b1c9d0e2f3a", True),
        (r"^(\d{1,3}\.){3}\d{1,3}$", "127.0.0.1", True),
        (r"\p{L}{3}", "äöü", True),
        (r"\x{1F600}", "😀", True),
        ("", "", True),
        ("a", "\ud800a", False),
    ],
)
def test_pattern_is_searched_when_it_is_accepted(pattern: str, text: str, *, is_found: bool) -> None:
    """Anywhere in the text unless it is anchored; a text that is none holds nothing."""
    assert patterns.search(ADAPTER.validate_python(pattern), text) is is_found


@given(st.text(st.sampled_from("ab(){}[]*+?|\\,1290 .^$pPxu-:#\n"), max_size=60))
def test_pattern_is_accepted_or_refused_when_it_is_any_text(pattern: str) -> None:
    """Nothing else can happen."""
    try:
        accepted = ADAPTER.validate_python(pattern)
    except ValidationError as refused:
        assert refused.error_count() == 1  # noqa: PT017  # both are fine
    else:
        patterns.search(accepted, "ab" * 100)


def test_patterns_are_refused_when_they_are_too_many() -> None:
    """Before any is compiled, wherever they stand."""
    value = [{"conditions": {f"a{number}_matches": r"\w{100}"}} for number in range(20)]

    with pytest.raises(PydanticCustomError, match="too many or too large"):
        patterns.check_total(value, "_matches")
    patterns.check_total(value[:18], "_matches")
    patterns.check_total({"pattern": {"pattern": [1, None]}}, "pattern")
