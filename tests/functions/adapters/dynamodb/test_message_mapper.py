"""Messages survive their commit, calls their item."""

from typing import Any

import pytest
from hypothesis import given

from domain.model.change import Call
from domain.model.draft import Draft
from domain.model.message import BEGINNING_CHARACTERS, INLINE_BYTES, CallStatus, Message, Role, Usage
from domain.model.value import CallId, SessionKey, json_bytes
from functions.adapters.dynamodb.attributes import CompactJsonAttribute
from functions.adapters.dynamodb.message_mapper import CallMapper, MessageMapper, with_calls
from functions.adapters.dynamodb.models import CallItem
from tests.functions.adapters.dynamodb.strategies import calls, keys, messages_at, times
from tests.support.builders import make_call, make_draft, make_message, make_tool_call
from tests.support.fakes import START

JSON = CompactJsonAttribute()


def stored(message: Message) -> Any:
    """The message as it lies in its commit."""
    serialized = JSON.serialize(MessageMapper(message.created_at).to_model(message))
    return JSON.deserialize(serialized)  # type: ignore[no-untyped-call]  # PynamoDB leaves it untyped


def drafted(content: str) -> Message:
    """The message that a draft makes of `content`, stored apart when it is large."""
    draft: Draft = make_draft()
    return draft.add_message(Role.TOOL, content, tool_call_id=CallId("9-0"), outcome=CallStatus.DONE)


@given(messages_at(times))
def test_message_comes_back_the_same_when_stored(message: Message) -> None:
    """Nested arguments, absent fields and any text come back out of JSON as they went in."""
    again = MessageMapper(message.created_at).to_entity(stored(message))

    assert again == message


@pytest.mark.parametrize("usage", [None, Usage(), Usage(input_tokens=1)])
def test_usage_comes_back_the_same_when_it_is_absent_or_zero(usage: Usage | None) -> None:
    """No usage and a usage of nothing are two things."""
    message = make_message(Role.ASSISTANT, usage=usage)

    assert MessageMapper(START).to_entity(stored(message)).usage == usage


@pytest.mark.parametrize("arguments", [{}, {"a": None}, {"a": {"b": [{"c": [[]]}, ""]}}, {"": 0.1, "я\0🦉": -0}])
def test_arguments_come_back_the_same_when_they_are_odd(arguments: dict[str, Any]) -> None:
    """Null, empty, nested and unprintable are values like any other."""
    message = make_message(Role.ASSISTANT, tool_calls=(make_tool_call(arguments=arguments),))

    (call,) = MessageMapper(START).to_entity(stored(message)).tool_calls

    assert call.arguments == arguments


@pytest.mark.parametrize("character", ["x", "я", "€", "🦉", '"', "\0"])
def test_content_is_kept_as_counted_when_it_is_just_small_enough(character: str) -> None:
    """A message that is not stored apart takes no more bytes than the limit says, whatever it is written in."""
    content = character * ((INLINE_BYTES - 2) // (json_bytes(character) - 2))
    message = drafted(content)

    serialized = JSON.serialize(stored(message)["content"])

    assert message.stored_sha256 is None
    assert serialized is not None
    assert INLINE_BYTES - 6 <= len(serialized.encode()) <= INLINE_BYTES


@pytest.mark.parametrize("character", ["x", "я", "🦉", "\0"])
def test_content_comes_back_shortened_when_it_is_stored_apart(character: str) -> None:
    """Only the beginning of large content lies in the log, with the hash that finds the rest."""
    message = drafted(character * INLINE_BYTES)

    again = MessageMapper(message.created_at).to_entity(stored(message))

    assert again == message.model_copy(update={"content": character * BEGINNING_CHARACTERS})


@given(keys, calls)
def test_call_comes_back_the_same_when_stored(key: SessionKey, call: Call) -> None:
    """Its id lies in the sort key, all else in attributes."""
    mapper = CallMapper(key)

    item = CallItem.from_raw_data(mapper.to_model(call).serialize())

    assert mapper.to_entity(item) == call


def test_calls_show_what_they_are_now_when_statuses_are_joined() -> None:
    """A message keeps the status a call began with unless its item says otherwise."""
    first, second = make_tool_call("9-0", status=CallStatus.PENDING), make_tool_call("9-1", status=CallStatus.REFUSED)
    message = make_message(Role.ASSISTANT, tool_calls=(first, second))

    ended = make_call("9-0", status=CallStatus.DONE, edited={"path": "b.py"})
    joined = with_calls(message, {CallId("9-0"): ended, CallId("4-0"): make_call("4-0", status=CallStatus.FAILED)})

    assert [call.status for call in joined.tool_calls] == [CallStatus.DONE, CallStatus.REFUSED]
    assert [(call.arguments["path"], call.is_edited) for call in joined.tool_calls] == [
        ("b.py", True),
        ("README.md", False),
    ]
