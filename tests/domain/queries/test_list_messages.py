"""Reading a session's messages."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.model.agent import AgentType
from domain.model.errors import SessionNotFound
from domain.model.message import CallStatus, Role, Usage
from domain.model.value import SessionKey
from domain.queries.list_messages import ListMessagesQuery, MessagePageDTO, ToolCallDTO
from tests.support.builders import SessionTestHelper, calls, make_key, memory_store, reads, text, wants
from tests.support.fakes import START
from tests.support.system import ALICE, BOB, TRACE, System, memory_system


def read(system: System, key: SessionKey, **fields: Any) -> MessagePageDTO:
    """Return a page of messages."""
    query = ListMessagesQuery(user=key.user, session_id=key.session_id, trace=TRACE, **fields)
    page: MessagePageDTO = system.registry.execute_query(query)
    return page


def spoken(count: int = 5) -> tuple[System, SessionKey]:
    """Return a session with so many user messages."""
    system = memory_system()
    return system, SessionTestHelper.create_session_with_messages(system, *(f"m{place}" for place in range(count)))


def test_messages_come_in_order_when_they_are_read() -> None:
    """All of them, with rising numbers that have gaps."""
    system, key = spoken(3)

    page = read(system, key)

    assert [(message.seq, message.content) for message in page.items] == [(3, "m0"), (5, "m1"), (7, "m2")]
    assert (page.next_after, page.has_more) == (7, False)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 200])
def test_every_message_comes_once_when_pages_are_followed(limit: int) -> None:
    """`next_after` leads from page to page without loss or repetition, whatever the limit."""
    system, key = spoken(5)
    contents: list[str] = []
    after, has_more = 0, True

    while has_more:
        page = read(system, key, after=after, limit=limit)
        assert len(page.items) <= limit
        contents += [message.content for message in page.items]
        after, has_more = page.next_after, page.has_more

    assert contents == ["m0", "m1", "m2", "m3", "m4"]


@pytest.mark.parametrize(
    ("after", "numbers"), [(0, [3, 5]), (2, [3, 5]), (3, [5]), (4, [5]), (5, []), (6, []), (999, [])]
)
def test_messages_are_newer_than_the_cursor_when_it_stands_anywhere(after: int, numbers: list[int]) -> None:
    """Also between two messages, at the end and beyond it; then the cursor stays."""
    system, key = spoken(2)

    page = read(system, key, after=after)

    assert [message.seq for message in page.items] == numbers
    assert page.next_after == (numbers[-1] if numbers else after)
    assert not page.has_more


def test_page_is_empty_when_nothing_was_said() -> None:
    """A session without messages is no missing session."""
    system = memory_system()

    assert read(system, system.create()) == MessagePageDTO(items=(), next_after=0, has_more=False)


def test_message_shows_its_parts_when_it_has_them() -> None:
    """Calls as they are now, results with their outcome, tokens; what a message does not have is left out."""
    answer = calls(*reads("./a.py"), wants("rm", path="b"), saying="Let me look.")
    system = memory_system(answer.model_copy(update={"usage": Usage(input_tokens=9, output_tokens=4)}))
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)
    (call_id,) = system.session(key).open_calls
    system.give(key, call_id, result="text")

    user, assistant, refusal, result = read(system, key).items

    assert (user.role, user.tool_calls, user.usage, user.agent) == (Role.USER, None, None, None)
    assert (assistant.id, assistant.agent, assistant.content) == ("s1:7", AgentType.CODER, "Let me look.")
    assert assistant.usage == Usage(input_tokens=9, output_tokens=4)
    refused_id = refusal.tool_call_id or ""
    assert assistant.tool_calls == (
        ToolCallDTO(call_id=call_id, tool="read_file", arguments={"path": "a.py"}, status=CallStatus.DONE),
        ToolCallDTO(call_id=refused_id, tool="rm", arguments={"path": "b"}, status=CallStatus.REFUSED),
    )
    assert refusal.outcome is CallStatus.REFUSED
    assert (result.role, result.outcome, result.tool_call_id) == (Role.TOOL, CallStatus.DONE, call_id)
    assert {message.created_at for message in (user, assistant, refusal, result)} == {START}


def test_content_has_an_address_when_it_is_stored_apart() -> None:
    """The page carries its beginning only."""
    system = memory_system(text("x" * 300_000))
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)

    answer = read(system, key).items[-1]

    assert answer.content == "x" * 4096
    assert answer.content_url
    assert answer.content_url.startswith(f"memory://{ALICE}/s1/")


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
@pytest.mark.parametrize("after", [0, 999])
def test_messages_are_not_found_when_the_session_is_not_ones_own(key: SessionKey, after: int) -> None:
    """An empty tail and a missing session are told apart, at any cursor."""
    system, _ = spoken()

    with pytest.raises(SessionNotFound):
        read(system, key, after=after)


@pytest.mark.parametrize(
    "fields",
    [
        {"after": -1},
        {"after": 10**12},
        {"after": "x"},
        {"after": None},
        {"limit": 0},
        {"limit": 201},
        {"limit": 1.5},
        {"session_id": "a b"},
        {"order": "desc"},
    ],
)
def test_query_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """Cursor and limit have their bounds."""
    known = {"user": ALICE, "session_id": "s1", "trace": TRACE}

    with pytest.raises(ValidationError):
        ListMessagesQuery.model_validate(known | fields)


def test_inactive_session_can_be_read_when_it_takes_no_commands() -> None:
    """Only commands are refused."""
    system, key = spoken(1)
    store = memory_store(system)
    store.heads[key] = store.heads[key].model_copy(update={"is_active": False})

    assert len(read(system, key).items) == 1
