"""The whole service in one process: real handlers and real composition, with memory or DynamoDB Local behind them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.commands.add_message import AddMessageCommand
from domain.commands.add_tool_result import AddToolResultCommand
from domain.commands.cancel_turn import CancelTurnCommand
from domain.commands.create_session import CreateSessionCommand
from domain.commands.decide_approval import DecideApprovalCommand
from domain.commands.fail_turn import FailTurnCommand
from domain.commands.run_turn import Delivery, RunTurnCommand
from domain.commands.switch_agent import SwitchAgentCommand
from domain.commands.update_session import UpdateSessionCommand
from domain.model.events.turn import TurnRequested
from domain.model.log import Event
from domain.model.message import Message
from domain.model.session import Session
from domain.model.value import CorrelationId, SessionKey, Trace, UserId
from domain.ports import (
    ApprovalRepository,
    Clock,
    ContentStore,
    EventPublisher,
    ExpiryQueue,
    Ids,
    LogRepository,
    ModelClient,
    ParkedCommits,
    SessionDirectory,
    SessionLockManager,
    SessionRepository,
    StoreHealth,
    TurnQueue,
)
from domain.queries.get_agent_context import AgentContextDTO
from domain.queries.get_session import SessionDTO
from domain.queries.list_approvals import ApprovalDTO
from domain.queries.list_messages import MessageDTO
from functions.catalog import CATALOG
from functions.runtime.composition import compose
from functions.runtime.container import DIContainer
from functions.runtime.registry import HandlersRegistry
from functions.runtime.settings import Settings
from tests.support.fakes import (
    CountingIds,
    FakeClock,
    FakeTurnQueue,
    MemoryContents,
    MemoryParked,
    MemoryPublisher,
    ScriptedModel,
)
from tests.support.memory_store import MemoryApprovals, MemoryStore

ALICE = UserId("alice" + "a" * 38)
BOB = UserId("bob" + "b" * 40)
TRACE = Trace(correlation_id=CorrelationId("test-correlation"))
SETTINGS = Settings(
    table="unused",
    bus="bus",
    content_bucket="content",
    turns_queue_url="http://127.0.0.1:1/turns",
    expiries_queue_url="http://127.0.0.1:1/expiries",
    parked_queue_url="http://127.0.0.1:1/parked",
    model="offline",
    model_id="",
    model_base_url="",
    model_key="",
    model_guardrail="",
    model_fallback="",
    version="test",
    tracing="false",
    single_agent="false",
    max_rounds="25",
    max_switches="5",
    approval_seconds="300",
    policies="[]",
    policies_may_loosen="false",
    cors_origins="",
)


class System:
    """Executes commands and queries through the registry, as the functions do."""

    def __init__(self, container: DIContainer) -> None:
        self.container = container
        self.registry = HandlersRegistry(container)
        for function in CATALOG:
            self.registry.register(function)
        self.idempotency_key: str | None = None
        """What every command of a client carries unless it names another."""
        self._deliveries = 0

    def get(self, kind: type) -> Any:
        """Return a dependency."""
        return self.container.get(kind)

    def create(self, session_id: str = "s1", user: UserId = ALICE, **fields: Any) -> SessionKey:
        """Create a session and return its key."""
        command = CreateSessionCommand(user=user, trace=TRACE, session_id=session_id, **self._keyed(fields))
        created: SessionDTO = self.registry.execute_command(command)
        return SessionKey(user=user, session_id=created.id)

    def say(self, key: SessionKey, content: str = "hello", **fields: Any) -> MessageDTO:
        """Post a user message."""
        command = AddMessageCommand(
            user=key.user, session_id=key.session_id, trace=TRACE, content=content, **self._keyed(fields)
        )
        said: MessageDTO = self.registry.execute_command(command)
        return said

    def give(self, key: SessionKey, call_id: str, **outcome: Any) -> MessageDTO:
        """Post a tool result."""
        command = AddToolResultCommand(
            user=key.user, session_id=key.session_id, trace=TRACE, call_id=call_id, **self._keyed(outcome)
        )
        given: MessageDTO = self.registry.execute_command(command)
        return given

    def update(self, key: SessionKey, **fields: Any) -> SessionDTO:
        """Change settings of a session."""
        command = UpdateSessionCommand(user=key.user, session_id=key.session_id, trace=TRACE, **self._keyed(fields))
        updated: SessionDTO = self.registry.execute_command(command)
        return updated

    def switch(self, key: SessionKey, target_agent: str, **fields: Any) -> AgentContextDTO:
        """Choose the agent of a session."""
        command = SwitchAgentCommand.model_validate(
            {"user": key.user, "session_id": key.session_id, "trace": TRACE, "target_agent": target_agent}
            | self._keyed(fields)
        )
        switched: AgentContextDTO = self.registry.execute_command(command)
        return switched

    def decide(self, key: SessionKey, call_id: str, decision: str, **fields: Any) -> ApprovalDTO:
        """Approve, edit or reject what a call waits for."""
        command = DecideApprovalCommand.model_validate(
            {"user": key.user, "session_id": key.session_id, "trace": TRACE, "approval_id": f"a-{call_id}"}
            | {"decision": decision}
            | self._keyed(fields)
        )
        decided: ApprovalDTO = self.registry.execute_command(command)
        return decided

    def cancel(self, key: SessionKey, **fields: Any) -> SessionDTO:
        """Stop what a session is doing."""
        command = CancelTurnCommand(user=key.user, session_id=key.session_id, trace=TRACE, **self._keyed(fields))
        cancelled: SessionDTO = self.registry.execute_command(command)
        return cancelled

    def work(
        self, key: SessionKey, *, cover: str = "cover", holder: str | None = None, seconds: float = 120.0
    ) -> Delivery:
        """Deliver a turn message to a worker."""
        self._deliveries += 1
        command = RunTurnCommand(
            user=key.user,
            session_id=key.session_id,
            trace=TRACE,
            holder=holder or f"worker-{self._deliveries}",
            cover=cover,
            receipt=f"receipt-{self._deliveries}",
            seconds=seconds,
        )
        delivery: Delivery = self.registry.execute_command(command)
        return delivery

    def give_up(self, key: SessionKey, turn: int) -> Delivery:
        """Deliver a dead turn message."""
        command = FailTurnCommand(
            user=key.user, session_id=key.session_id, trace=TRACE, turn=turn, holder="dead-letters"
        )
        delivery: Delivery = self.registry.execute_command(command)
        return delivery

    def _keyed(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"idempotency_key": self.idempotency_key} | fields

    def session(self, key: SessionKey) -> Session:
        """Return the session as stored."""
        stored: Session = self.get(SessionRepository).get(key)
        return stored

    def events(self, key: SessionKey) -> list[Event]:
        """Return the whole log, page by page, and check that it has no gap."""
        log: LogRepository = self.get(LogRepository)
        events: list[Event] = []
        after, has_more = 0, True
        while has_more:
            page = log.page(key, after=after, limit=50)
            events += page.events
            after, has_more = page.next_after, page.has_more
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        return events

    def messages(self, key: SessionKey) -> list[Message]:
        """Return every message in order."""
        return [event.message for event in self.events(key) if event.message]

    def facts(self, key: SessionKey) -> list[str]:
        """Return the type of every fact in order."""
        return [event.fact.type_name() for event in self.events(key)]

    def requested_turns(self, key: SessionKey) -> list[TurnRequested]:
        """Return every fact that starts a worker."""
        return [event.fact for event in self.events(key) if isinstance(event.fact, TurnRequested)]


def memory_system(*answers: Any, model: ModelClient | None = None, **settings: str) -> System:
    """Return a system in memory whose model gives `answers`, on a clock that stands still.

    Args:
        answers: Of the scripted model, in order.
        model: Instead of the scripted one.
        settings: Those of the deployment that differ from the usual ones.
    """
    container = compose(replace(SETTINGS, **settings))
    clock, contents = FakeClock(), MemoryContents()
    store = MemoryStore(clock, contents)
    fakes: dict[type, Callable[[], Any]] = {
        Clock: lambda: clock,
        Ids: CountingIds,
        ContentStore: lambda: contents,
        SessionRepository: lambda: store,
        LogRepository: lambda: store,
        ApprovalRepository: lambda: MemoryApprovals(store),
        SessionDirectory: lambda: store,
        SessionLockManager: lambda: store,
        StoreHealth: lambda: store,
        TurnQueue: FakeTurnQueue,
        ExpiryQueue: FakeTurnQueue,
        EventPublisher: MemoryPublisher,
        ParkedCommits: MemoryParked,
        ModelClient: lambda: model or ScriptedModel(*answers),
    }
    for port, fake in fakes.items():
        container.register(port, fake)
    return System(container)
