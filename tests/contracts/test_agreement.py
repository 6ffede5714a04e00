"""The fake and the real adapter, put to the same random lives, say and keep the same at every step."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.model.errors import LostFence, LostRace, Refusal
from domain.model.lock import LEASE_SECONDS, HeldByOther, Lease, NothingOwed
from domain.model.message import CallStatus
from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, Ids
from domain.services import turns
from tests.contracts.steps import Steps, asks, closes, holder, interrupts, says
from tests.support.builders import make_key
from tests.support.dynamodb import dynamodb_system
from tests.support.fakes import CountingIds, FakeClock
from tests.support.system import memory_system

ANSWERS = (Refusal, LostRace, LostFence, HeldByOther, NothingOwed)
WORKERS = st.sampled_from(["a", "b", "c"])
DECISIONS = st.sampled_from(["say", "ask", "close", "interrupt", "complete"])

lives = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["acquire", "acquire anyway", "renew", "release", "read"]), WORKERS),
        st.tuples(st.just("commit"), WORKERS, DECISIONS),
        st.tuples(st.just("client"), WORKERS, DECISIONS),
        st.tuples(st.just("pass"), st.sampled_from([0.4, LEASE_SECONDS])),
    ),
    min_size=5,
    max_size=25,
)
numbers = count(1)


@dataclass
class Life:
    """One session in one store, with what each worker last saw of it."""

    steps: Steps
    key: SessionKey

    def __post_init__(self) -> None:
        self.steps.create(key=self.key)
        self.leases: dict[str, Lease] = {}
        self.read: dict[str, Session] = {}

    def live(self, step: tuple[Any, ...]) -> object:
        """Take one step and return what came of it."""
        try:
            return self._do(*step)
        except ANSWERS as answer:
            return type(answer), getattr(answer, "cover", None), getattr(answer, "seconds_left", None)

    def state(self) -> object:
        """Everything that can be read."""
        session = self.steps.sessions.get(self.key)
        return session, self.steps.events(self.key), list(self.steps.log.recent(self.key, turn=session.turn.number))

    def _do(self, verb: str, who: Any, *what: str) -> object:
        match verb:
            case "pass":
                self.steps.clock.advance(who)
            case "read":
                self.read[who] = self.steps.sessions.get(self.key)
            case "acquire" | "acquire anyway":
                self.leases[who] = self.steps.locks.acquire(self.key, holder(who), if_owed=verb == "acquire")
            case "client" if who in self.read:
                return self._commit(self.read[who], None, *what)
            case _ if who in self.leases:
                return self._as_holder(verb, self.leases[who], *what)
        return self.read.get(who), self.leases.get(who)

    def _as_holder(self, verb: str, lease: Lease, *what: str) -> object:
        match verb:
            case "renew":
                self.steps.locks.renew(lease)
            case "release":
                self.steps.locks.release(lease)
            case "commit":
                return self._commit(lease.session, lease.fence, *what)
        return None

    def _commit(self, session: Session, fence: int | None, what: str) -> object:
        return self.steps.change(session, self._decision(session, what), fence=fence)

    def _decision(self, session: Session, what: str) -> Any:
        match what:
            case "say":
                return says("hello")
            case "ask" if session.turn.number:
                return asks(2)
            case "close":
                open_calls = session.open_calls or (CallId("3-0"),)
                return closes(open_calls[0], CallStatus.FAILED)
            case "complete" if session.is_turn_owed:
                return lambda draft: turns.complete(draft, draft.session.agent.current_agent)
        return interrupts


@pytest.fixture
def both(table_name: str) -> tuple[Steps, Steps]:
    """Return the fake and the adapter."""
    ports = {Clock: FakeClock(), Ids: CountingIds()}
    return Steps(memory_system()), Steps(dynamodb_system(table_name, ports=ports))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=lives)
def test_fake_and_adapter_agree_when_they_live_the_same_life(
    both: tuple[Steps, Steps], steps: list[tuple[Any, ...]]
) -> None:
    """Takings, renewals, releases, commits of workers and clients, and passing time, in any order."""
    key = make_key(f"s{next(numbers)}")
    fake, adapter = (Life(store, key) for store in both)

    for step in steps:
        assert adapter.live(step) == fake.live(step)

    assert adapter.state() == fake.state()
