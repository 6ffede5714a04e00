"""Changing a session: read, decide, commit, and again when somebody else was faster."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.model.change import Call, Commit
from domain.model.draft import Draft
from domain.model.errors import LostRace, SessionAlreadyExists, SessionBusy, SessionNotFound, StorageUnavailable
from domain.model.events import SessionCreated, TurnCancelled
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, SessionRepository
from domain.services.session_management import DEADLINE_SECONDS, SessionManagementService
from tests.support.builders import SessionTestHelper, make_draft, make_key, make_session, make_trace
from tests.support.fakes import FakeClock
from tests.support.memory_store import MemoryStore
from tests.support.system import System, memory_system


class Contended:
    """A system whose next commits meet a faster writer each."""

    def __init__(self, system: System, key: SessionKey, races: float) -> None:
        self.system = system
        self.key = key
        self.races = races
        self.store: MemoryStore = system.get(SessionRepository)
        self.store.before_commit = self._overtake
        self.service: SessionManagementService = system.get(SessionManagementService)

    def _overtake(self, _: Commit) -> None:
        if self.races:
            self.races -= 1
            before = self.store.before_commit
            self.store.before_commit = lambda _: None
            self.system.say(self.key, "faster")
            self.store.before_commit = before

    def waits(self) -> list[float]:
        """Return how long was waited each time."""
        clock: FakeClock = self.system.get(Clock)
        return clock.slept


def contended(races: float = 0) -> Contended:
    """Return a session of which the next `races` commits are lost."""
    system = memory_system()
    return Contended(system, system.create(), races)


def recorded(draft: Draft) -> int:
    """Record a fact and return its number."""
    draft.record(TurnCancelled(turn=0))
    return draft.session.last_seq


def test_change_returns_what_was_decided_when_nobody_interferes() -> None:
    """Read once, written once, without waiting."""
    it = contended()

    seq = it.service.change(it.key, make_trace("request"), recorded)

    assert seq == 3
    assert it.waits() == []
    assert it.system.events(it.key)[-1].trace == make_trace("request")


def test_change_decides_again_when_somebody_was_faster() -> None:
    """A lost race is decided anew on the session as it has become, after waits that are short at first."""
    it = contended(races=3)

    seq = it.service.change(it.key, make_trace(), recorded)

    assert seq == 3 + 3 * 2
    assert it.waits() == [0.1, 0.4, 0.4]
    assert it.system.facts(it.key)[-1] == "TurnCancelled"
    assert len(it.system.events(it.key)) == 9


def test_change_gives_up_when_others_are_faster_for_too_long() -> None:
    """After six seconds the caller is told to come back, and nothing was written for him."""
    it = contended(races=float("inf"))

    with pytest.raises(SessionBusy) as raised:
        it.service.change(it.key, make_trace(), recorded)

    assert raised.value.retry_after_seconds == 1
    assert DEADLINE_SECONDS <= sum(it.waits()) < DEADLINE_SECONDS + 0.4
    assert "TurnCancelled" not in it.system.facts(it.key)


@pytest.mark.parametrize("error", [StorageUnavailable, SessionBusy, KeyError])
def test_change_tries_no_more_when_it_is_no_race(error: type[Exception]) -> None:
    """Refusals and defects go to the caller at once."""
    it = contended()

    def decide(_: Draft) -> None:
        raise error

    with pytest.raises(error):
        it.service.change(it.key, make_trace(), decide)

    assert it.waits() == []


def test_change_refuses_when_there_is_no_session() -> None:
    """Nothing is decided about what does not exist."""
    it = contended()

    with pytest.raises(SessionNotFound):
        it.service.change(make_key("other"), make_trace(), recorded)


@pytest.mark.parametrize(("call_id", "status"), [("known", "pending"), ("3-9", None)])
def test_change_call_shows_the_call_as_it_is_when_it_decides(call_id: str, status: str | None) -> None:
    """The call comes with the session, None when there is none."""
    system = memory_system()
    key, (known,) = SessionTestHelper.create_waiting_session(system)
    seen: list[Call | None] = []

    def decide(draft: Draft, call: Call | None) -> int:
        seen.append(call)
        return recorded(draft)

    service: SessionManagementService = system.get(SessionManagementService)
    service.change_call(key, known if call_id == "known" else CallId(call_id), make_trace(), decide)

    assert [call.status if call else None for call in seen] == [status]


def test_create_writes_once_when_the_id_is_free() -> None:
    """The draft of a new session is its first commit; a second one is refused."""
    it = contended()
    draft = make_draft(make_session(key=make_key("new"), last_seq=0))
    draft.record(SessionCreated(has_title=False))

    it.service.create(draft)

    assert it.system.facts(make_key("new")) == ["SessionCreated"]
    with pytest.raises(SessionAlreadyExists):
        it.service.create(draft)


@pytest.mark.parametrize(("races", "raises"), [(2, None), (99, SessionBusy)])
def test_create_tries_again_when_the_store_reports_contention(races: int, raises: type[Exception] | None) -> None:
    """Two creations at the same moment are a race like any other."""
    it = contended()
    lost = [LostRace] * races

    def contend(_: Commit) -> None:
        if lost:
            raise lost.pop()

    it.store.before_commit = contend
    draft = make_draft(make_session(key=make_key("new"), last_seq=0))
    draft.record(SessionCreated(has_title=False))

    assert _raised(lambda: it.service.create(draft)) is raises


def _raised(action: Callable[[], Any]) -> type[Exception] | None:
    try:
        action()
    except SessionBusy as error:
        return type(error)
    return None
