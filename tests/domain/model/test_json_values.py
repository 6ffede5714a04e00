"""JSON as JSON compares it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from domain.model.json_values import MAX_BYTES, check_size, is_json_equal, is_nested_within
from tests.functions.adapters.dynamodb.strategies import json_values


@given(json_values, json_values)
def test_values_are_equal_when_their_json_is(one: Any, other: Any) -> None:
    """Texts, booleans, null, lists and objects as written; numbers by value."""
    if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
        assert is_json_equal(one, other)
    assert is_json_equal(one, one)
    assert is_json_equal(one, other) is is_json_equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), ("1", 1), (None, False), ([], {}), ([1], [True]), ({"a": 0}, {"a": False})],
)
def test_values_differ_when_only_python_thinks_them_equal(one: Any, other: Any) -> None:
    """Kinds of values are different values."""
    assert not is_json_equal(one, other)
    assert not is_json_equal(other, one)


@given(st.integers(0, 12), st.integers(0, 12))
def test_value_is_nested_within_when_it_has_no_more_levels(depth: int, levels: int) -> None:
    """Lists and objects count alike."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}

    assert is_nested_within(value, levels) is (depth <= levels)


def test_size_is_counted_as_it_is_sent() -> None:
    """In UTF-8, the limit itself included; what is no JSON has no size."""
    check_size("я" * (MAX_BYTES // 2 - 1))
    for value, words in (("я" * (MAX_BYTES // 2), "at most 32 KB"), ("\ud800", "no JSON"), (object(), "no JSON")):
        with pytest.raises(PydanticCustomError, match=words):
            check_size(value)
