"""Changing a session: read, decide, commit, and again when somebody else was faster."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.cqrs import Answer, Command, OfSession
from domain.model.change import Call, Commit
from domain.model.draft import Draft
from domain.model.errors import (
    IdempotencyKeyReused,
    LostRace,
    SessionAlreadyExists,
    SessionBusy,
    SessionNotFound,
    StorageUnavailable,
)
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnCancelled
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, SessionRepository
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService
from tests.support.builders import SessionTestHelper, make_draft, make_key, make_session, make_trace
from tests.support.fakes import FakeClock
from tests.support.memory_store import MemoryStore
from tests.support.system import System, memory_system

GIVES_UP_SECONDS = 6.0
"""What clients were promised, whatever the code says."""


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


class Done(Answer):
    """Number of the fact that was recorded."""

    seq: int


class Ask(OfSession, Command):
    """A command of no further meaning."""

    wish: str = "this"


ANSWERS = WholeAnswers(Done)


def ask(key: SessionKey, idempotency_key: str | None = None, **fields: Any) -> Ask:
    """Return a command about the session."""
    trace = make_trace("request")
    return Ask(user=key.user, session_id=key.session_id, trace=trace, idempotency_key=idempotency_key, **fields)


def recorded(draft: Draft) -> Done:
    """Record a fact and return its number."""
    draft.record(TurnCancelled(turn=0))
    return Done(seq=draft.session.last_seq)


def created(service: SessionManagementService, idempotency_key: str | None = None, session_id: str = "new") -> Done:
    """Create a session."""
    draft = make_draft(make_session(key=make_key(session_id), last_seq=0))
    draft.record(SessionCreated(has_title=False))
    return service.create(ask(make_key(session_id), idempotency_key), draft, Done(seq=1), ANSWERS)


def test_change_returns_what_was_decided_when_nobody_interferes() -> None:
    """Read once, written once, without waiting."""
    it = contended()

    done = it.service.change(ask(it.key), it.key, recorded, ANSWERS)

    assert done == Done(seq=3)
    assert it.waits() == []
    assert it.system.events(it.key)[-1].trace == make_trace("request")


def test_change_decides_again_when_somebody_was_faster() -> None:
    """A lost race is decided anew on the session as it has become, after waits that are short at first."""
    it = contended(races=3)

    done = it.service.change(ask(it.key), it.key, recorded, ANSWERS)

    assert done == Done(seq=3 + 3 * 2)
    assert it.waits() == [0.1, 0.4, 0.4]
    assert it.system.facts(it.key)[-1] == "TurnCancelled"
    assert len(it.system.events(it.key)) == 9


def test_change_gives_up_when_others_are_faster_for_too_long() -> None:
    """After six seconds the caller is told to come back, and nothing was written for him."""
    it = contended(races=float("inf"))

    with pytest.raises(SessionBusy) as raised:
        it.service.change(ask(it.key), it.key, recorded, ANSWERS)

    assert raised.value.retry_after_seconds == 1
    assert GIVES_UP_SECONDS <= sum(it.waits()) < GIVES_UP_SECONDS + 0.4
    assert (it.waits()[0], set(it.waits()[1:])) == (0.1, {0.4})
    assert "TurnCancelled" not in it.system.facts(it.key)


@pytest.mark.parametrize("error", [StorageUnavailable, SessionBusy, KeyError])
def test_change_tries_no_more_when_it_is_no_race(error: type[Exception]) -> None:
    """Refusals and defects go to the caller at once."""
    it = contended()

    def decide(_: Draft) -> Done:
        raise error

    with pytest.raises(error):
        it.service.change(ask(it.key), it.key, decide, ANSWERS)

    assert it.waits() == []


def test_change_refuses_when_there_is_no_session() -> None:
    """Nothing is decided about what does not exist."""
    it = contended()

    with pytest.raises(SessionNotFound):
        it.service.change(ask(make_key("other")), make_key("other"), recorded, ANSWERS)


@pytest.mark.parametrize(("call_id", "status"), [("known", "pending"), ("3-9", None)])
def test_change_call_shows_the_call_as_it_is_when_it_decides(call_id: str, status: str | None) -> None:
    """The call comes with the session, None when there is none."""
    system = memory_system()
    key, (known,) = SessionTestHelper.create_waiting_session(system)
    seen: list[Call | None] = []

    def decide(draft: Draft, call: Call | None) -> Done:
        seen.append(call)
        return recorded(draft)

    service: SessionManagementService = system.get(SessionManagementService)
    asked = known if call_id == "known" else CallId(call_id)
    service.change_call(ask(key), key, asked, decide, ANSWERS)

    assert [call.status if call else None for call in seen] == [status]


def test_create_writes_once_when_the_id_is_free() -> None:
    """The draft of a new session is its first commit; a second one is refused."""
    it = contended()

    done = created(it.service)

    assert done == Done(seq=1)
    assert it.system.facts(make_key("new")) == ["SessionCreated"]
    with pytest.raises(SessionAlreadyExists):
        created(it.service)


@pytest.mark.parametrize(("races", "raises"), [(2, None), (99, SessionBusy)])
def test_create_tries_again_when_the_store_reports_contention(races: int, raises: type[Exception] | None) -> None:
    """Two creations at the same moment are a race like any other."""
    it = contended()
    lost = [LostRace] * races

    def contend(_: Commit) -> None:
        if lost:
            raise lost.pop()

    it.store.before_commit = contend

    assert _raised(lambda: created(it.service)) is raises


def _raised(action: Callable[[], Any]) -> type[Exception] | None:
    try:
        action()
    except SessionBusy as error:
        return type(error)
    return None


def test_change_is_made_once_when_its_key_comes_again() -> None:
    """A repeat decides nothing and writes nothing, and its answer says that it was told before."""
    it = contended()
    first = it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    again = it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    assert (first.seq, first.is_replayed) == (3, False)
    assert (again.seq, again.is_replayed) == (3, True)
    assert len(it.system.events(it.key)) == 3


def test_change_is_made_each_time_when_its_keys_differ_or_are_missing() -> None:
    """Only a key says that two requests are one."""
    it = contended()

    seqs = [it.service.change(ask(it.key, key), it.key, recorded, ANSWERS).seq for key in ("a", "b", None, None)]

    assert seqs == [3, 4, 5, 6]


def test_change_is_refused_when_its_key_came_with_another_request() -> None:
    """A key belongs to what was asked for with it."""
    it = contended()
    it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    with pytest.raises(IdempotencyKeyReused):
        it.service.change(ask(it.key, "k", wish="that"), it.key, recorded, ANSWERS)

    assert len(it.system.events(it.key)) == 3


def test_repeat_is_recognised_when_it_overtakes_the_first_try() -> None:
    """Whoever finds its own receipt only when it writes tells what the faster of the two was told."""
    it = contended()

    def overtake(_: Commit) -> None:
        it.store.before_commit = lambda _: None
        it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    it.store.before_commit = overtake

    slower = it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    assert (slower.seq, slower.is_replayed) == (3, True)
    assert it.waits() == []
    assert len(it.system.events(it.key)) == 3


def test_repeat_is_told_the_same_when_races_are_lost_in_between() -> None:
    """What is remembered is the answer of the try that was written."""
    it = contended(races=2)
    first = it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    again = it.service.change(ask(it.key, "k"), it.key, recorded, ANSWERS)

    assert first.seq == again.seq == 3 + 2 * 2


@pytest.mark.parametrize("session_id", ["new", "another"])
def test_creation_is_made_once_when_its_key_comes_again(session_id: str) -> None:
    """Also when the repeat would have got another id: the first answer names the session that there is."""
    it = contended()
    created(it.service, "k")
    draft = make_draft(make_session(key=make_key(session_id), last_seq=0))
    draft.record(SessionCreated(has_title=False))

    again = it.service.create(ask(make_key("new"), "k"), draft, Done(seq=9), ANSWERS)

    assert (again.seq, again.is_replayed) == (1, True)
    assert len(it.store.heads) == 2


def test_creation_is_refused_when_its_key_came_with_another_request() -> None:
    """Nothing is created."""
    it = contended()
    created(it.service, "k")

    with pytest.raises(IdempotencyKeyReused):
        created(it.service, "k", session_id="another")

    assert make_key("another") not in it.store.heads
