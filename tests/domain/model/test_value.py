"""Values: keys, JSON sizes, immutability."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.model.value import SessionKey, Trace, json_bytes
from tests.support.builders import make_key, make_trace

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_bytes_equals_the_compact_text_when_it_is_json(value: Any) -> None:
    """The size is that of compact JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert json_bytes(value) == len(text.encode())


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), [-float("inf")], "\ud800", {"a": ["\udfff"]}, {"\ud800": 1}]
)
def test_json_bytes_refuses_when_it_is_no_json(value: Any) -> None:
    """Numbers that are none and lone surrogates have no JSON."""
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        json_bytes(value)


def test_json_bytes_refuses_when_it_is_nested_beyond_measure() -> None:
    """A value too deep to write is no JSON either, and not a crash."""
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]

    with pytest.raises(ValueError, match="nested"):
        json_bytes(nested)


@pytest.mark.parametrize("session_id", ["a", "A-z_09", "x" * 64])
def test_session_key_holds_when_the_id_is_sane(session_id: str) -> None:
    """Letters, digits, hyphen and underscore, up to 64."""
    assert make_key(session_id).session_id == session_id


@pytest.mark.parametrize("session_id", ["", "x" * 65, "a b", "a#b", "a/b", "é", "a\n", "a\0"])
def test_session_key_is_refused_when_the_id_is_not(session_id: str) -> None:
    """Nothing that could forge a separator is an id."""
    with pytest.raises(ValidationError):
        make_key(session_id)


def test_value_cannot_change_when_it_is_made() -> None:
    """Values are frozen."""
    trace = make_trace()

    with pytest.raises(ValidationError, match="frozen"):
        trace.correlation_id = "other"  # type: ignore[misc, assignment]  # that is what is tried


def test_value_is_refused_when_a_field_is_unknown() -> None:
    """Nothing is dropped silently."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        Trace.model_validate({"correlation_id": "c", "other": 1})


def test_session_keys_are_equal_when_owner_and_id_are() -> None:
    """A key is a value and works in dictionaries."""
    assert {make_key(): 1}[SessionKey(user=make_key().user, session_id="s1")] == 1
