"""Changing a session's settings."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands.update_session import UpdateSessionCommand
from domain.model.agent import AgentType
from domain.model.errors import SessionInactive, SessionNotFound
from domain.model.events.session import SessionUpdated
from domain.model.message import CallStatus, Role
from domain.model.session import TurnStatus
from domain.queries.get_session import SessionDTO
from tests.support.builders import SessionTestHelper, make_key, memory_store
from tests.support.invariants import check_turns
from tests.support.system import ALICE, BOB, TRACE, memory_system

COMMAND: dict[str, Any] = {"user": ALICE, "trace": TRACE, "session_id": "s1", "title": "New"}


def test_title_is_changed_when_another_is_given() -> None:
    """Trimmed, told by name of the field alone, and the answer shows the session as it is now."""
    system = memory_system()
    key = system.create(title="Old")

    updated = system.update(key, title="  New ")

    assert updated == SessionDTO.of(system.session(key))
    assert (updated.title, updated.last_seq) == ("New", 3)
    assert system.events(key)[-1].fact == SessionUpdated(fields=("title",))


@pytest.mark.parametrize("fields", [{"title": "Old"}, {"is_active": True}, {"title": " Old ", "is_active": True}])
def test_nothing_is_written_when_all_is_as_asked_for(fields: dict[str, Any]) -> None:
    """What is so already is not told again."""
    system = memory_system()
    key = system.create(title="Old")

    updated = system.update(key, **fields)

    assert updated == SessionDTO.of(system.session(key))
    assert len(memory_store(system).commits) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": " "},
        {"title": "x" * 256},
        {"title": "я" * 201},
        {"title": None},
        {"is_active": "maybe"},
        {"title": None, "is_active": None},
        {"agent": "ask"},
        {"session_id": "a b"},
        {"idempotency_key": ""},
        {"idempotency_key": "x" * 129},
        {"idempotency_key": "é"},
        {"idempotency_key": "a\n"},
    ],
)
def test_command_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """Limits are checked before anything happens, and something must be asked for."""
    with pytest.raises(ValidationError):
        UpdateSessionCommand.model_validate(COMMAND | fields)


def test_turn_and_queue_are_cancelled_when_the_session_is_deactivated() -> None:
    """Each is told as cancelled, the worker is shut out, and nothing is owed."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two", "three")

    updated = system.update(key, is_active=False)

    assert system.facts(key)[-4:] == ["TurnCancelled"] * 3 + ["SessionDeactivated"]
    assert (updated.is_active, updated.queued, updated.turn.status) == (False, 0, TurnStatus.IDLE)
    session = system.session(key)
    assert (session.turn.number, session.fence) == (3, 1)
    check_turns(session, system.events(key), system.messages(key))


def test_open_calls_are_cancelled_when_the_session_is_deactivated() -> None:
    """Each has its result, so that the history stays whole."""
    system = memory_system()
    key, _ = SessionTestHelper.create_waiting_session(system, "a.py", "b.py")

    system.update(key, is_active=False)

    messages = system.messages(key)
    assert [message.outcome for message in messages if message.role is Role.TOOL] == [CallStatus.CANCELLED] * 2
    assert system.session(key).open_calls == ()
    assert system.facts(key)[-2:] == ["TurnCancelled", "SessionDeactivated"]


def test_commands_are_refused_when_the_session_is_inactive() -> None:
    """All but the one that activates it, and nothing is stored."""
    system = memory_system()
    key, (call_id,) = SessionTestHelper.create_waiting_session(system)
    system.update(key, is_active=False)
    before = system.facts(key)

    for command in (
        lambda: system.say(key),
        lambda: system.give(key, call_id, result="late"),
        lambda: system.switch(key, AgentType.ASK),
        lambda: system.update(key, title="New"),
        lambda: system.update(key, is_active=False),
        lambda: system.update(key, title="New", is_active=False),
    ):
        with pytest.raises(SessionInactive):
            command()

    assert system.facts(key) == before


def test_session_takes_commands_again_when_it_is_activated() -> None:
    """With a title in the same breath, if wanted."""
    system = memory_system()
    key = system.create(agent=AgentType.CODER)
    system.update(key, title="Last words", is_active=False)

    updated = system.update(key, is_active=True, title="Back")

    assert (updated.is_active, updated.title) == (True, "Back")
    assert system.facts(key)[2:] == ["SessionUpdated", "SessionDeactivated", "SessionReactivated", "SessionUpdated"]
    assert system.say(key).turn == 1


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_update_is_refused_when_there_is_no_such_session(key: Any) -> None:
    """A session of somebody else does not exist."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound):
        system.update(key, title="Mine")
