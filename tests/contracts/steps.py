"""What contract tests do with sessions, log and lock, said in the ports' own words."""

from collections.abc import Callable, Sequence

from domain.model.draft import Draft, compose
from domain.model.events.agent import AgentAssigned
from domain.model.events.session import SessionCreated, SessionDeactivated
from domain.model.lock import Holder, Lease
from domain.model.log import Event
from domain.model.message import CallStatus, Role, ToolCall
from domain.model.session import Session
from domain.model.value import CallId, SessionKey
from domain.ports import (
    ApprovalRepository,
    Clock,
    ContentStore,
    LogRepository,
    SessionDirectory,
    SessionLockManager,
    SessionRepository,
)
from domain.services import turns
from domain.services.turns import OnBusy
from tests.support.builders import DEPLOYMENT, make_key, make_session, make_tool_call, make_trace
from tests.support.fakes import FakeClock, MemoryContents
from tests.support.system import System


def holder(name: str = "worker-1", cover: str = "message-1") -> Holder:
    """Return a taker of locks."""
    return Holder(name=name, cover=cover, receipt="")


class Steps:
    """The ports of one store, and the commits that bring a session where a test needs it."""

    def __init__(self, system: System) -> None:
        self.sessions: SessionRepository = system.get(SessionRepository)
        self.directory: SessionDirectory = system.get(SessionDirectory)
        self.approvals: ApprovalRepository = system.get(ApprovalRepository)
        self.log: LogRepository = system.get(LogRepository)
        self.locks: SessionLockManager = system.get(SessionLockManager)
        self.clock: FakeClock = system.get(Clock)
        self.contents: MemoryContents = system.get(ContentStore)

    def draft(self, session: Session) -> Draft:
        """Return an empty draft of a session as it was read."""
        return Draft(session, self.clock.now(), make_trace())

    def create(self, session_id: str = "s1", key: SessionKey | None = None) -> SessionKey:
        """Store a session with its first two facts."""
        key = key or make_key(session_id)
        now = self.clock.now()
        draft = self.draft(make_session(key=key, last_seq=0, created_at=now, last_activity_at=now))
        draft.record(SessionCreated(has_title=False))
        draft.record(AgentAssigned(agent=draft.session.agent.current_agent))
        self.sessions.commit(draft.commit())
        return key

    def change(
        self, session: Session, decide: Callable[[Draft], object], *, fence: int | None = None
    ) -> tuple[Event, ...]:
        """Commit what `decide` records on a session as it was read, and return its events."""

        def recorded(draft: Draft) -> None:
            decide(draft)

        commit = compose(session, self.clock.now(), make_trace(), recorded).commit(fence=fence)
        self.sessions.commit(commit)
        return commit.events

    def say(self, key: SessionKey, content: str = "hello") -> tuple[Event, ...]:
        """Store a user message, for which a turn is owed from then on."""
        return self.change(self.sessions.get(key), says(content))

    def create_owing(self, session_id: str = "s1") -> SessionKey:
        """Store a session that owes its first turn."""
        key = self.create(session_id)
        self.say(key)
        return key

    def create_waiting(self, calls: int = 2, session_id: str = "s1") -> tuple[SessionKey, tuple[CallId, ...]]:
        """Store a session whose first turn waits for so many calls; return their ids too."""
        key = self.create_owing(session_id)
        self.change(self.sessions.get(key), asks(calls))
        return key, self.sessions.get(key).open_calls

    def close(self, session: Session, call_id: CallId, status: CallStatus = CallStatus.DONE) -> None:
        """Close a call of a session as it was read."""
        self.change(session, closes(call_id, status))

    def events(self, key: SessionKey) -> tuple[Event, ...]:
        """Return the whole log."""
        return self.log.page(key, after=0, limit=1000).events

    def take(self, key: SessionKey, name: str = "worker-1") -> Lease:
        """Take the lock, whether or not a turn is owed."""
        return self.locks.acquire(key, holder(name, f"message of {name}"), if_owed=False)


def says(content: str) -> Callable[[Draft], object]:
    """Return a decision that takes a user message."""
    return lambda draft: turns.accept_message(draft, content, agent=None, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)


def interrupts(draft: Draft) -> None:
    """Take a user message that ends what is in progress."""
    turns.accept_message(draft, "stop", agent=None, on_busy=OnBusy.INTERRUPT, deployment=DEPLOYMENT)


def deactivates(draft: Draft) -> None:
    """Take no commands any more."""
    draft.change(is_active=False)
    draft.record(SessionDeactivated())


def asks(calls: int) -> Callable[[Draft], object]:
    """Return a decision that opens so many calls and waits for them."""

    def decide(draft: Draft) -> None:
        tool_calls = tuple(
            make_tool_call(draft.call_id(index), status=CallStatus.PENDING, arguments={"path": f"{index}.py"})
            for index in range(calls)
        )
        draft.add_message(Role.ASSISTANT, "", tool_calls=tool_calls)
        for call in tool_calls:
            draft.open_call(call)
        turns.wait(draft)

    return decide


def closes(call_id: CallId, status: CallStatus = CallStatus.DONE, result: str = "result") -> Callable[[Draft], object]:
    """Return a decision that closes a call with a result."""

    def decide(draft: Draft) -> None:
        draft.close_call(call_id, status)
        draft.add_message(Role.TOOL, result, tool_call_id=call_id, outcome=status)

    return decide


def bodies(events: Sequence[Event]) -> list[str]:
    """Return the content of every message among `events`."""
    return [event.message.content for event in events if event.message]


def calls_of(events: Sequence[Event]) -> list[ToolCall]:
    """Return every call that messages among `events` show."""
    return [call for event in events if event.message for call in event.message.tool_calls]
