"""How an operation is measured against its budget: a session of some length on DynamoDB Local, counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.cqrs import Query
from domain.model.llm import ModelAnswer
from domain.model.lock import Holder
from domain.model.value import SessionKey
from domain.ports import Clock, SessionLockManager
from tests.support.builders import calls, make_key, reads, scripted_model
from tests.support.dynamodb import dynamodb_system, plain_client
from tests.support.fakes import FakeClock
from tests.support.long_session import store_long_session
from tests.support.metering import Cost, Meter
from tests.support.steady_lock import steady
from tests.support.system import TRACE, System

LENGTHS = (10, 100, 1000)
"""Events of a session before the operation."""


@dataclass(frozen=True)
class Bench:
    """A session of some length on DynamoDB Local, ready for one operation."""

    system: System
    key: SessionKey

    def say(self) -> None:
        """Post a message, as time goes by."""
        self.system.get(Clock).advance(1.0)
        self.system.say(self.key, "Where is the lock?")

    def answer(self, *answers: ModelAnswer) -> None:
        """Give the model its answers and work the turn off."""
        scripted_model(self.system).answers += answers
        self.system.work(self.key)

    def open_calls(self, *paths: str) -> tuple[str, ...]:
        """Post a message whose answer wants to read `paths`, and return the calls."""
        self.say()
        self.answer(calls(*reads(*paths)))
        return self.system.session(self.key).open_calls

    def hold(self) -> Any:
        """Take the session for another worker."""
        self.say()
        return self.locks.acquire(self.key, Holder(name="other", cover="other", receipt=""))

    def ask(self, query: type[Query], **fields: Any) -> Any:
        """Ask about the session."""
        fields |= {"trace": TRACE, "user": self.key.user, "session_id": self.key.session_id}
        return self.system.registry.execute(query(**fields))

    @property
    def locks(self) -> SessionLockManager:
        """The lock manager."""
        locks: SessionLockManager = self.system.get(SessionLockManager)
        return locks


@dataclass(frozen=True)
class Budget:
    """What one operation may cost.

    Attributes:
        requests: HTTP requests.
        units: Write units.
        reads: Read units at most, however long the session is; what is read is a page or the newest messages.
        prepare: Brings the session to where the operation can begin, unmeasured, and returns the operation.
    """

    operation: str
    requests: int
    units: int
    reads: float
    prepare: Callable[[Bench], Callable[[], object]]

    @property
    def cost(self) -> Cost:
        """The budget as a cost."""
        return Cost(self.requests, self.units, self.reads)

    def allows(self, cost: Cost) -> bool:
        """Return whether `cost` is within the budget."""
        return cost.requests <= self.requests and cost.units <= self.units and cost.reads <= self.reads

    def measure(self, table: str, port: int, *, events: int) -> Cost:
        """Return what the operation costs on a new session of at least `events` facts in `table`."""
        clock = FakeClock()
        system = steady(dynamodb_system(table, ports={Clock: clock}))
        key = make_key(f"session-of-{events}-events")
        store_long_session(plain_client(port), table, key, events=events, at=clock.now())
        meter = Meter(system, port)
        return meter.cost_of(self.prepare(Bench(system, key)))
