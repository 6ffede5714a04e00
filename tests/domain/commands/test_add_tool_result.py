"""Giving the result of a tool call."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.commands.add_tool_result import AddToolResultCommand
from domain.model.change import Commit
from domain.model.errors import (
    ApprovalRequired,
    Refusal,
    SessionInactive,
    SessionNotFound,
    ToolCallClosed,
    ToolCallNotFound,
)
from domain.model.message import FINAL, CallStatus, Role
from domain.model.session import TurnStatus
from domain.model.value import CallId, SessionKey
from tests.support.builders import SessionTestHelper, calls, make_key, memory_store, reads, scripted_model, text, wants
from tests.support.system import ALICE, BOB, TRACE, System, memory_system

COMMAND: dict[str, Any] = {"user": ALICE, "trace": TRACE, "session_id": "s1", "call_id": "9-0"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def waiting(*paths: str) -> tuple[System, SessionKey, tuple[CallId, ...]]:
    """Return a system whose session waits for the client, and the open calls."""
    system = memory_system()
    key, open_calls = SessionTestHelper.create_waiting_session(system, *paths or ("a.py",))
    return system, key, open_calls


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ("", ""),
        (0, "0"),
        ([], "[]"),
        (None, "null"),
        (False, "false"),
        ({}, "{}"),
        (0.0, "0.0"),
        ("null", "null"),
        ("0", "0"),
        (" ", " "),
        ("# Title\n", "# Title\n"),
        ({"b": [1, None], "a": "ж"}, '{"b":[1,null],"a":"ж"}'),
    ],
)
def test_result_is_kept_exactly_when_it_is_anything(result: Any, content: str) -> None:
    """Falsy results are results; a string is kept as it is, everything else as JSON, and the model reads just that."""
    system, key, (call,) = waiting()
    scripted_model(system).answers = [text()]

    given_back = system.give(key, call, result=result)
    system.work(key)

    assert (given_back.content, given_back.outcome, given_back.tool_call_id) == (content, CallStatus.DONE, call)
    shown = scripted_model(system).requests[-1].messages[-1]
    assert (shown.role, shown.content) == (Role.TOOL, content)


@given(JSON)
def test_result_survives_as_json_when_it_is_no_string(result: Any) -> None:
    """What the model reads is the value that was sent."""
    command = AddToolResultCommand.model_validate(COMMAND | {"result": result})

    assert command.content == result if isinstance(result, str) else json.loads(command.content) == result


def test_turn_is_owed_when_the_last_call_is_closed() -> None:
    """The closing result raises the request, in the turn that waited."""
    system, key, (call,) = waiting()

    given_back = system.give(key, call, result="x")

    assert system.facts(key)[-3:] == ["ToolCallCompleted", "MessageAdded", "TurnRequested"]
    assert system.requested_turns(key)[-1].reason == "calls_closed"
    assert (given_back.turn, given_back.role, given_back.seq) == (1, Role.TOOL, system.session(key).last_seq - 1)
    assert system.session(key).turn.status is TurnStatus.RUNNING


def test_turn_goes_on_waiting_when_other_calls_are_open() -> None:
    """No request until all are closed; the call shows its end at once."""
    system, key, (first, second) = waiting("a.py", "b.py")

    system.give(key, second, result="x")

    assert system.facts(key)[-1] == "MessageAdded"
    assert [call.status for call in system.messages(key)[1].tool_calls] == [CallStatus.PENDING, CallStatus.DONE]
    assert system.session(key).open_calls == (first,)


def test_error_is_a_result_when_the_client_could_not_do_it() -> None:
    """The call has failed, the model reads why, and the turn goes on."""
    system, key, (call,) = waiting()

    given_back = system.give(key, call, error="No such file.")

    assert (given_back.content, given_back.outcome) == ("No such file.", CallStatus.FAILED)
    assert system.facts(key)[-3:] == ["ToolCallFailed", "MessageAdded", "TurnRequested"]


def test_result_is_taken_once_when_it_is_repeated() -> None:
    """A second one is refused, whatever it says, and changes nothing."""
    system, key, (first, _) = waiting("a.py", "b.py")
    system.give(key, first, result="x")
    before = system.facts(key)

    for outcome in ({"result": "x"}, {"result": "y"}, {"error": "z"}):
        with pytest.raises(ToolCallClosed):
            system.give(key, first, **outcome)

    assert system.facts(key) == before


@pytest.mark.parametrize("call_id", ["1-0", "9-16", "999-0", "x", "-", "9-", "9-0#", "\u0663-\u0660", "0" * 64])
def test_result_is_refused_when_the_call_is_unknown(call_id: str) -> None:
    """Nothing but the ids of this session's calls is known."""
    system, key, _ = waiting()

    with pytest.raises(ToolCallNotFound):
        system.give(key, call_id, result="x")


def test_result_is_refused_when_the_call_was_refused_to_the_model() -> None:
    """A call that never reached the client cannot be answered by it."""
    system = memory_system(calls(*reads("a.py"), wants("create_plan", title="a.py")))
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)
    refused = system.messages(key)[1].tool_calls[1]

    with pytest.raises(ToolCallNotFound):
        system.give(key, refused.call_id, result="deleted")


def test_result_is_refused_when_the_user_has_moved_on() -> None:
    """A cancelled call is closed."""
    system, key, (call,) = waiting()
    system.say(key, "never mind")

    with pytest.raises(ToolCallClosed):
        system.give(key, call, result="too late")


@pytest.mark.parametrize("other", [make_key("missing"), make_key("s2"), make_key("s1", BOB)])
def test_result_is_refused_when_it_is_for_another_session(other: SessionKey) -> None:
    """A call belongs to one session of one user."""
    system, _, (call,) = waiting()
    system.create("s2")

    with pytest.raises((SessionNotFound, ToolCallNotFound)):
        system.give(other, call, result="x")


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(CallStatus.AWAITING_APPROVAL, ApprovalRequired), *((status, ToolCallClosed) for status in sorted(FINAL))],
)
def test_result_is_refused_when_the_call_is_not_open(status: CallStatus, refusal: type[Refusal]) -> None:
    """Not before it was granted, not after it has ended."""
    system, key, (call,) = waiting()
    store = memory_store(system)
    store.calls[key, call] = store.calls[key, call].model_copy(update={"status": status})

    with pytest.raises(refusal):
        system.give(key, call, result="x")


def test_result_is_taken_when_the_call_was_approved() -> None:
    """A grant opens the call to its client."""
    system, key, (call,) = waiting()
    store = memory_store(system)
    store.calls[key, call] = store.calls[key, call].model_copy(update={"status": CallStatus.APPROVED})

    assert system.give(key, call, result="x").outcome is CallStatus.DONE


@pytest.mark.parametrize(("call_id", "refusal"), [("open", SessionInactive), ("1-0", ToolCallNotFound)])
def test_result_is_refused_when_the_session_is_inactive(call_id: str, refusal: type[Refusal]) -> None:
    """What does not exist is said first, then that nothing is accepted."""
    system, key, (call,) = waiting()
    store = memory_store(system)
    store.heads[key] = store.heads[key].model_copy(update={"is_active": False})

    with pytest.raises(refusal):
        system.give(key, call if call_id == "open" else call_id, result="x")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"error": None},
        {"error": ""},
        {"error": "x" * 2001},
        {"error": "\ud800"},
        {"result": "x", "error": "y"},
        {"result": None, "error": "y"},
        {"result": float("nan")},
        {"result": [float("inf")]},
        {"result": "\ud800"},
        {"result": {"a": "\udfff"}},
        {"result": "x", "call_id": ""},
        {"result": "x", "call_id": "x" * 65},
        {"result": "x", "call_id": 7},
        {"result": "x", "status": "done"},
    ],
)
def test_command_is_refused_when_its_fields_do_not_fit(fields: dict[str, Any]) -> None:
    """Exactly one of result and error, both within their limits, and only what JSON can say."""
    with pytest.raises(ValidationError):
        AddToolResultCommand.model_validate(COMMAND | fields)


def test_command_is_refused_when_its_result_is_nested_beyond_measure() -> None:
    """Too deep to be written is no result either, and no crash."""
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]

    with pytest.raises(ValidationError):
        AddToolResultCommand.model_validate(COMMAND | {"result": nested})


@pytest.mark.parametrize("fields", [{"result": None}, {"result": "x", "error": None}, {"error": "x" * 2000}])
def test_command_is_accepted_when_it_has_one_outcome(fields: dict[str, Any]) -> None:
    """Null is a result; an error that is null is none."""
    assert AddToolResultCommand.model_validate(COMMAND | fields).call_id == "9-0"


def test_large_result_is_stored_apart_when_it_does_not_fit_the_log() -> None:
    """The client is told the beginning and where the whole is; the model sees it shortened."""
    system, key, (call,) = waiting()
    scripted_model(system).answers = [text()]

    given_back = system.give(key, call, result="x" * 300_000)
    system.work(key)

    assert given_back.content_url
    assert given_back.content == "x" * 4096
    assert 60_000 < len(scripted_model(system).requests[-1].messages[-1].content) < 60_100


def test_both_results_are_kept_when_they_race() -> None:
    """The slower one is decided upon again, and only it gives the turn back."""
    system, key, (first, second) = waiting("a.py", "b.py")
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        system.give(key, second, result="faster")

    store.before_commit = overtake
    system.give(key, first, result="slower")

    assert [message.content for message in system.messages(key)[2:]] == ["faster", "slower"]
    assert [fact.reason for fact in system.requested_turns(key)] == ["message", "calls_closed"]


def test_one_result_wins_when_two_race_for_the_same_call() -> None:
    """The loser learns that the call is closed."""
    system, key, (call,) = waiting()
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        system.give(key, call, result="faster")

    store.before_commit = overtake

    with pytest.raises(ToolCallClosed):
        system.give(key, call, result="slower")

    assert [message.content for message in system.messages(key) if message.role is Role.TOOL] == ["faster"]
