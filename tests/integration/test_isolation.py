"""What is one user's, one session's, one life of a session's, is nobody else's."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from domain.commands.run_turn import Delivery
from domain.model.agent import AgentType
from domain.model.errors import SessionNotFound, ToolCallNotFound
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import Holder
from domain.model.value import SessionKey, UserId
from domain.ports import SessionLockManager
from functions.adapters.dynamodb.models import Item
from tests.support.builders import calls, make_key, reads, scripted_model, text
from tests.support.hostile import FORGED_KEYS, IDS, STRANGE_CALL_IDS
from tests.support.system import ALICE, BOB, System


def create_waiting(system: System, user: UserId = ALICE) -> SessionKey:
    """A session whose first turn waits for one call."""
    key = system.create(user=user, agent=AgentType.ASK)
    system.say(key, f"a secret of {user}")
    scripted_model(system).answers[:] = [calls(*reads("a.py"))]
    system.work(key)
    return key


REACHES: dict[str, Callable[[System, SessionKey], object]] = {
    "look": lambda system, key: system.session(key),
    "follow": lambda system, key: system.events(key),
    "say": lambda system, key: system.say(key, "mine"),
    "give": lambda system, key: system.give(key, "9-0", result="mine"),
}


@pytest.mark.parametrize("reach", REACHES.values(), ids=REACHES)
def test_session_is_not_found_when_another_user_reaches_for_it(
    system: System, reach: Callable[[System, SessionKey], object]
) -> None:
    """Bob knows id and call of Alice's session, and learns nothing by it."""
    create_waiting(system)

    with pytest.raises(SessionNotFound):
        reach(system, make_key("s1", BOB))


def test_sessions_are_two_when_two_users_give_them_the_same_id(system: System) -> None:
    """Same id, same numbers, same call ids: nothing of the one shows up in the other."""
    alices, bobs = create_waiting(system), create_waiting(system, BOB)

    (bobs_call,) = system.session(bobs).open_calls
    system.give(bobs, bobs_call, result="bob's file")

    assert system.session(alices).open_calls == (bobs_call,)
    assert not [message for message in system.messages(alices) if "bob" in message.content]
    assert not [message for message in system.messages(bobs) if "alice" in message.content]


@pytest.mark.parametrize("session_id", [*IDS, *FORGED_KEYS])
def test_command_is_refused_before_any_request_when_the_session_id_is_odd(system: System, session_id: str) -> None:
    """Separators never come near a key."""
    with pytest.raises(ValidationError):
        system.create(session_id)


@pytest.mark.parametrize("call_id", [call_id for call_id in STRANGE_CALL_IDS if 0 < len(call_id) <= 64])
def test_result_is_refused_when_the_call_id_has_another_form(system: System, call_id: str) -> None:
    """It is an unknown call, and no defect of ours; the open call stays open."""
    key = create_waiting(system)
    open_calls = system.session(key).open_calls

    with pytest.raises(ToolCallNotFound):
        system.give(key, call_id, result="forged")

    assert system.session(key).open_calls == open_calls


def erase_everything() -> None:
    """Delete every item of the table."""
    for item in Item.scan():
        item.delete()


def test_answer_is_dropped_when_its_session_was_made_anew_meanwhile(system: System) -> None:
    """The new session under the old id has come to the same lock number, and still gets nothing of the old one."""
    key = system.create(agent=AgentType.ASK)
    system.say(key, "to the old session")
    locks: SessionLockManager = system.get(SessionLockManager)

    def answer_late(_: ModelRequest) -> ModelAnswer:
        erase_everything()
        system.create(key.session_id, agent=AgentType.ASK)
        system.say(key, "to the new session")
        locks.acquire(key, Holder(name="the new worker", cover="", receipt=""))
        return text("an answer to the old session")

    scripted_model(system).answers[:] = [answer_late]

    delivery = system.work(key)

    assert delivery is Delivery.COMES_BACK
    assert [message.content for message in system.messages(key)] == ["to the new session"]
    assert system.session(key).fence == 1
