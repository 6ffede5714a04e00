"""Looking at a session."""

from typing import Any

import pytest

from domain.model.agent import AgentType
from domain.model.errors import SessionNotFound
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import SessionKey
from domain.queries.get_session import GetSessionQuery, SessionDTO
from domain.services.turns import ERROR_DETAILS
from tests.support.builders import SessionTestHelper, calls, make_key, reads, text, unavailable
from tests.support.system import BOB, TRACE, System, memory_system


def look(system: System, key: SessionKey) -> SessionDTO:
    """Return the session as its owner sees it."""
    query = GetSessionQuery(user=key.user, session_id=key.session_id, trace=TRACE)
    seen: SessionDTO = system.registry.execute_query(query)
    return seen


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (None, TurnStatus.RUNNING, None),
        (text(), TurnStatus.IDLE, None),
        (calls(*reads("a.py")), TurnStatus.WAITING_FOR_TOOLS, None),
        (unavailable(), TurnStatus.FAILED, TurnErrorCode.MODEL_UNAVAILABLE),
    ],
    ids=["running", "idle", "waiting", "failed"],
)
def test_session_shows_its_turn_when_it_is_looked_at(
    outcome: Any, status: TurnStatus, code: TurnErrorCode | None
) -> None:
    """Number, state and, when it failed, why."""
    system = memory_system(outcome)
    key = SessionTestHelper.create_session_with_messages(system)
    if outcome:
        system.work(key)

    seen = look(system, key)

    assert (seen.turn.number, seen.turn.status) == (1, status)
    assert (seen.turn.error.code if seen.turn.error else None) is code
    assert (seen.turn.error.detail if seen.turn.error else None) == (ERROR_DETAILS[code] if code else None)


def test_session_shows_everything_of_its_head_when_it_is_looked_at() -> None:
    """Counters, queue, agent and times are those of the newest commit."""
    system = memory_system()
    key = SessionTestHelper.create_session_with_messages(system, "one", "two", agent=AgentType.ASK, title="Mine")

    seen, stored = look(system, key), system.session(key)

    assert (seen.id, seen.title, seen.is_active, seen.current_agent) == ("s1", "Mine", True, AgentType.ASK)
    assert (seen.queued, seen.message_count, seen.last_seq) == (1, 2, 6)
    assert (seen.created_at, seen.last_activity_at) == (stored.created_at, stored.last_activity_at)


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_session_is_not_found_when_it_is_not_ones_own(key: SessionKey) -> None:
    """A session of somebody else does not exist, in the same words."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound) as raised:
        look(system, key)

    assert str(raised.value) == SessionNotFound.detail
