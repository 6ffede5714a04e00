"""Saying something in a session."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands.add_message import AddMessageCommand
from domain.model.agent import AgentType
from domain.model.change import Commit
from domain.model.errors import AgentSwitchError, SessionBusy, SessionInactive, SessionNotFound
from domain.model.message import INLINE_BYTES, CallStatus, Role
from domain.model.session import TurnStatus
from domain.ports import ContentStore
from domain.queries.list_messages import MessageDTO
from domain.services.turns import OnBusy
from tests.support.builders import SessionTestHelper, fake_clock, make_key, memory_store, text, unavailable
from tests.support.fakes import START
from tests.support.system import ALICE, BOB, TRACE, memory_system

COMMAND: dict[str, Any] = {"user": ALICE, "trace": TRACE, "session_id": "s1", "content": "hello"}


def test_message_is_stored_and_a_turn_owed_when_it_is_accepted() -> None:
    """One commit with message, fact and request; `running` from then on."""
    system = memory_system()
    key = system.create()

    said = system.say(key, "Where is the lock?")

    assert said == MessageDTO(seq=3, turn=1, id="s1:3", role=Role.USER, content="Where is the lock?", created_at=START)
    assert system.facts(key)[2:] == ["MessageAdded", "TurnRequested"]
    assert len(memory_store(system).commits) == 2
    session = system.session(key)
    assert (session.turn.number, session.turn.status) == (1, TurnStatus.RUNNING)
    assert (session.title, session.message_count) == ("Where is the lock?", 1)


def test_activity_is_noted_when_the_user_speaks() -> None:
    """Sessions are listed by their newest user message; a worker's answer does not count."""
    system = memory_system(text())
    key = system.create(agent=AgentType.CODER)
    fake_clock(system).advance(60)
    system.say(key)
    spoken = system.session(key).last_activity_at
    fake_clock(system).advance(60)

    system.work(key)

    assert system.session(key).last_activity_at == spoken > system.session(key).created_at


@pytest.mark.parametrize("content", ["x", "x" * 100_000, " x ", "\u200b", "привет", "🦉" * 100_000])
def test_content_is_kept_exactly_when_it_fits(content: str) -> None:
    """1–100 000 characters, nothing trimmed."""
    system = memory_system()
    key = system.create()

    system.say(key, content)

    (event,) = (event for event in memory_store(system).recent(key, turn=1) if event.message)
    assert event.message
    assert event.message.content == content


def test_content_is_stored_apart_when_it_is_too_large_for_the_log() -> None:
    """The client is told the beginning and where the whole is."""
    system = memory_system()
    key = system.create()

    said = system.say(key, "🦉" * 100_000)

    assert len("🦉" * 100_000) * 4 > INLINE_BYTES
    assert said.content == "🦉" * 4096
    assert said.content_url
    assert said.content_url.startswith(f"memory://{ALICE}/s1/")
    assert system.messages(key)[0].content == said.content
    assert list(system.get(ContentStore).stored.values()) == ["🦉" * 100_000]


@pytest.mark.parametrize(
    "fields",
    [
        {"content": ""},
        {"content": "x" * 100_001},
        {"content": " \n\t"},
        {"content": "\u2003"},
        {"content": "\ud800"},
        {"content": 7},
        {"content": None},
        {"agent": "boss"},
        {"on_busy": "wait"},
        {"session_id": "a b"},
        {"mode": "fast"},
    ],
)
def test_command_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """Limits and names are checked before anything happens."""
    with pytest.raises(ValidationError):
        AddMessageCommand.model_validate(COMMAND | fields)


def test_message_is_enqueued_when_nothing_else_is_said() -> None:
    """The default loses nothing."""
    assert AddMessageCommand.model_validate(COMMAND).on_busy is OnBusy.ENQUEUE


def test_messages_have_turns_of_their_own_when_they_queue_up() -> None:
    """Oldest first, each counted, the running turn undisturbed."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two", "three")

    assert [(message.turn, message.content) for message in system.messages(key)] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    assert [fact.turn for fact in system.requested_turns(key)] == [1, 2, 3]
    session = system.session(key)
    assert (session.turn.number, session.queued, session.turn.status) == (1, 2, TurnStatus.RUNNING)


@pytest.mark.parametrize("is_waiting", [False, True], ids=["running", "waiting"])
def test_message_is_rejected_when_the_session_is_busy(*, is_waiting: bool) -> None:
    """Nothing is stored, and the client knows when to come back."""
    system = memory_system()
    key = (
        SessionTestHelper.create_waiting_session(system)[0]
        if is_waiting
        else SessionTestHelper.create_session_with_messages(system)
    )
    before = system.facts(key)

    with pytest.raises(SessionBusy) as raised:
        system.say(key, "now", on_busy="reject")

    assert raised.value.retry_after_seconds == 1
    assert system.facts(key) == before


@pytest.mark.parametrize("outcome", [text(), unavailable()], ids=["idle", "failed"])
def test_message_is_accepted_when_it_must_not_wait_and_need_not(outcome: Any) -> None:
    """`reject` refuses work in progress only."""
    system = memory_system(outcome)
    key = SessionTestHelper.create_session_with_messages(system)
    system.work(key)

    assert system.say(key, "now", on_busy="reject").turn == 2


def test_turn_is_stopped_when_a_message_interrupts() -> None:
    """The stopped turn is told as cancelled, what it produced stays, the new turn is owed."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one")

    said = system.say(key, "two", on_busy="interrupt")

    assert system.facts(key)[4:] == ["TurnCancelled", "MessageAdded", "TurnRequested"]
    assert said.turn == system.session(key).turn.number == 2
    assert system.session(key).fence == 1


@pytest.mark.parametrize("on_busy", ["enqueue", "interrupt"])
def test_open_calls_are_cancelled_when_the_user_moves_on(on_busy: str) -> None:
    """Each has its result, the client's own comes too late, and the new turn starts at once."""
    system = memory_system()
    key, _ = SessionTestHelper.create_waiting_session(system, "a.py", "b.py")

    system.say(key, "never mind", on_busy=on_busy)

    messages = system.messages(key)
    assert [call.status for call in messages[1].tool_calls] == [CallStatus.CANCELLED] * 2
    assert [message.outcome for message in messages if message.role is Role.TOOL] == [CallStatus.CANCELLED] * 2
    session = system.session(key)
    assert (session.turn.number, session.turn.status, session.open_calls) == (2, TurnStatus.RUNNING, ())


def test_queue_moves_up_when_the_user_moves_on_while_others_wait() -> None:
    """Messages that came before are answered before."""
    system = memory_system()
    key, _ = SessionTestHelper.create_waiting_session(system)
    store = memory_store(system)
    store.heads[key] = store.heads[key].model_copy(update={"last_turn": 2})

    said = system.say(key, "third")

    assert (said.turn, system.session(key).turn.number, system.session(key).queued) == (3, 2, 1)


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_message_is_refused_when_there_is_no_such_session(key: Any) -> None:
    """A session of somebody else does not exist, in the same words."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound) as raised:
        system.say(key)

    assert str(raised.value) == SessionNotFound.detail


def test_message_is_refused_when_the_session_is_inactive() -> None:
    """Nothing is stored."""
    system = memory_system()
    key = system.create()
    store = memory_store(system)
    store.heads[key] = store.heads[key].model_copy(update={"is_active": False})

    with pytest.raises(SessionInactive):
        system.say(key)

    assert system.messages(key) == []


def test_message_is_refused_when_its_agent_is_not_registered() -> None:
    """Nothing is stored."""
    system = memory_system(single_agent="true")
    key = system.create()

    with pytest.raises(AgentSwitchError):
        system.say(key, agent=AgentType.DEBUG)

    assert system.messages(key) == []


def test_both_messages_are_kept_when_they_race() -> None:
    """The slower one is decided upon again, behind the faster."""
    system = memory_system()
    key = system.create()
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        system.say(key, "faster")

    store.before_commit = overtake
    slower = system.say(key, "slower")

    assert slower.turn == 2
    assert [message.content for message in system.messages(key)] == ["faster", "slower"]
    assert system.session(key).title == "faster"
