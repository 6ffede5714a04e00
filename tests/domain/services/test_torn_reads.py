"""Items that were read at different instants: what is told is what held at one of them."""

from typing import Any

import pytest

from domain.model.errors import ApprovalAlreadyDecided
from domain.model.value import SessionKey
from domain.ports import SessionLockManager, SessionRepository
from tests.support.builders import SessionTestHelper
from tests.support.memory_store import MemoryStore
from tests.support.plans import asks, decide, start_plan
from tests.support.system import System, memory_system


class TornSessions:
    """Sessions of which some items were read before the others changed.

    Attributes:
        stale: What the next read brings of an earlier instant.
        reads: How often was read for a command.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.stale: dict[str, Any] = {}
        self.reads = 0

    def load(self, key: SessionKey, **beside: Any) -> Any:
        self.reads += 1
        stale, self.stale = self.stale, {}
        return self._store.load(key, **beside).model_copy(update=stale)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def system() -> System:
    """A system in memory."""
    return memory_system()


@pytest.fixture
def sessions(system: System) -> TornSessions:
    """Its sessions."""
    torn = TornSessions(system.get(SessionLockManager))
    system.container.register(SessionRepository, lambda: torn)
    return torn


def test_repeat_is_recognised_when_its_receipt_was_read_before_the_first_try_wrote_it(
    system: System, sessions: TornSessions
) -> None:
    """The call was read behind the first try, its receipt before: at no instant a repeat is refused."""
    key, (call_id,) = SessionTestHelper.create_waiting_session(system)
    first = system.give(key, call_id, result="x", idempotency_key="k")
    sessions.stale = {"receipt": None}

    again = system.give(key, call_id, result="x", idempotency_key="k")

    assert again.is_replayed
    assert again.model_dump() == first.model_dump()


def test_others_were_faster_when_a_decision_finds_the_plan_closed_and_its_approval_pending(
    system: System, sessions: TornSessions
) -> None:
    """Session and approval were read before a cancellation, the plan after it: at no instant it is PLAN_STATE."""
    key = SessionTestHelper.create_session_with_plan(system, running=None)
    (call_id,) = system.session(key).awaiting_approval
    before = sessions.load(key, call_id=call_id, with_approval=True)
    system.cancel(key)
    sessions.stale = {"session": before.session, "approval": before.approval, "plan": sessions.plan(key)}

    with pytest.raises(ApprovalAlreadyDecided):
        system.decide(key, call_id, "approve")


def test_newest_state_is_told_when_a_command_finds_nothing_to_do_in_an_older_one(
    system: System, sessions: TornSessions
) -> None:
    """The plan was read closed, the session before that: a cancellation that writes nothing does not tell of it."""
    key = system.create()
    start_plan(system, key, ())
    asks(system, key)
    before = system.session(key)
    decide(system, key, "cancel")
    sessions.stale = {"session": before, "plan": sessions.plan(key)}

    assert system.cancel(key).last_seq == system.session(key).last_seq > before.last_seq


def test_one_look_is_enough_when_the_session_was_read_alone(system: System, sessions: TornSessions) -> None:
    """Nothing can be torn; a cancellation with nothing to stop stays one request."""
    key = system.create()

    system.cancel(key)

    assert sessions.reads == 1
