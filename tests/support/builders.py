"""Builders: every entity with sane defaults, what models answer, and sessions that have already lived a little."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.agents.spec import AgentSpec
from domain.model.agent import AgentType
from domain.model.approval import approval_id_of
from domain.model.change import Call
from domain.model.draft import Draft
from domain.model.errors import ModelFailure
from domain.model.events.base import Fact
from domain.model.events.message import MessageAdded
from domain.model.events.turn import TurnReason, TurnRequested
from domain.model.llm import ModelAnswer, ModelRequest, RequestedCall
from domain.model.log import Event
from domain.model.message import CallStatus, Message, Role, ToolCall, Usage
from domain.model.policy import DeploymentPolicy, Rule
from domain.model.session import Session, Turn, TurnStatus
from domain.model.settings import SessionSettings
from domain.model.value import ApprovalId, CallId, CorrelationId, EventId, SessionKey, Trace, UserId
from domain.ports import Clock, ModelClient, SessionRepository, TurnQueue
from domain.services.deployment import deployment
from domain.services.toolbox import Toolbox
from tests.support.agent_context import AgentContextTestBuilder
from tests.support.deciding import decide_approval
from tests.support.fakes import START, FakeClock, FakeTurnQueue, ScriptedModel
from tests.support.memory_store import MemoryStore
from tests.support.plans import make_plan_arguments
from tests.support.system import ALICE, System

INCARNATION = "abcdefghijkl"
DEPLOYMENT = deployment()


def make_toolbox(agent: AgentSpec, settings: SessionSettings | None = None, *rules: Rule) -> Toolbox:
    """Return what an agent may use where a deployment has `rules`."""
    return Toolbox(agent, settings or SessionSettings(), DeploymentPolicy(rules=rules))


def make_key(session_id: str = "s1", user: UserId = ALICE) -> SessionKey:
    """Return a session's key."""
    return SessionKey(user=user, session_id=session_id)


def make_trace(correlation_id: str = "builder", causation_id: str | None = None) -> Trace:
    """Return a trace."""
    return Trace(
        correlation_id=CorrelationId(correlation_id), causation_id=EventId(causation_id) if causation_id else None
    )


def make_session(**fields: Any) -> Session:
    """Return a session that has its first two facts and no message; `fields` stand in for the defaults."""
    defaults: dict[str, Any] = {
        "key": make_key(),
        "incarnation": INCARNATION,
        "created_at": START,
        "last_activity_at": START,
        "agent": AgentContextTestBuilder().with_agent(AgentType.CODER).build(),
        "last_seq": 2,
    }
    return Session(**defaults | fields)


def make_running(number: int = 1, *, queued: int = 0, **turn: Any) -> Session:
    """Return a session whose turn `number` is owed, with `queued` messages behind it."""
    return make_session(
        turn=Turn(number=number, **{"status": TurnStatus.RUNNING} | turn),
        last_turn=number + queued,
        message_count=number + queued,
        last_seq=10,
    )


def make_waiting(*call_ids: str, **turn: Any) -> Session:
    """Return a session whose first turn waits for these calls."""
    session = make_running(**{"status": TurnStatus.WAITING_FOR_TOOLS} | turn)
    return session.model_copy(update={"open_calls": tuple(map(CallId, call_ids))})


def make_draft(session: Session | None = None, *, at: datetime = START, last_seq: int = 0) -> Draft:
    """Return an empty draft, of a fresh session unless another is given."""
    return Draft(session or make_session(), at, make_trace(), last_seq=last_seq)


def make_call(call_id: str = "9-0", *, tool: str = "read_file", **fields: Any) -> Call:
    """Return the changing part of an open call."""
    return Call(**{"call_id": CallId(call_id), "tool": tool, "turn": 1, "status": CallStatus.PENDING} | fields)


def make_tool_call(call_id: str = "9-0", *, tool: str = "read_file", **fields: Any) -> ToolCall:
    """Return a call as an assistant message shows it."""
    defaults: dict[str, Any] = {
        "call_id": CallId(call_id),
        "tool": tool,
        "arguments": {"path": "README.md"},
        "status": CallStatus.DONE,
    }
    return ToolCall(**defaults | fields)


def make_message(
    role: Role = Role.USER, content: str = "hello", *, seq: int = 3, turn: int = 1, **rest: Any
) -> Message:
    """Return a message; one of a tool answers the call `9-0` unless told otherwise."""
    defaults: dict[str, Any] = {"created_at": START}
    if role is Role.TOOL:
        defaults |= {"tool_call_id": CallId("9-0"), "outcome": CallStatus.DONE}
    if role is Role.ASSISTANT:
        defaults |= {"agent": AgentType.CODER}
    return Message(role=role, content=content, seq=seq, turn=turn, **defaults | rest)


def make_event(fact: Fact | None = None, *, message: Message | None = None, seq: int = 3, **fields: Any) -> Event:
    """Return an event: of `fact`, of `message`, or else of a requested turn."""
    if message:
        seq, fields = message.seq, {"turn": message.turn} | fields
        fact = fact or MessageAdded(role=message.role, size=len(message.content.encode()), sha256="0" * 64)
    defaults: dict[str, Any] = {
        "key": make_key(),
        "incarnation": INCARNATION,
        "turn": 1,
        "occurred_at": START,
        "trace": make_trace(),
        "fact": fact or TurnRequested(turn=1, reason=TurnReason.MESSAGE),
    }
    return Event(seq=seq, message=message, **defaults | fields)


def make_log(*messages: Message) -> list[Event]:
    """Return the events of `messages`, in the order given."""
    return [make_event(message=message) for message in messages]


def make_request(**fields: Any) -> ModelRequest:
    """Return a model call."""
    return ModelRequest(**{"system": "You test.", "messages": ()} | fields)


def text(content: str = "An answer.", *, input_tokens: int = 7, output_tokens: int = 3) -> ModelAnswer:
    """Return a model's answer in words."""
    return ModelAnswer(
        text=content, model="scripted", usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    )


def wants(tool: str, /, provider_id: str | None = None, **arguments: Any) -> RequestedCall:
    """Return a call as a model asks for it."""
    return RequestedCall(tool=tool, arguments=arguments, provider_id=provider_id)


def reads(*paths: str) -> list[RequestedCall]:
    """Return a call of `read_file` for each path."""
    return [wants("read_file", path=path) for path in paths]


def calls(*requested: RequestedCall, saying: str = "") -> ModelAnswer:
    """Return a model's answer with calls."""
    return ModelAnswer(text=saying, calls=requested, model="scripted")


def completes(result: str = "All done.", *, saying: str = "") -> ModelAnswer:
    """Return a model's answer that ends the task."""
    return calls(wants("attempt_completion", result=result), saying=saying)


def hands_to(agent: AgentType | str) -> ModelAnswer:
    """Return a model's answer that asks another agent to go on."""
    return calls(wants("switch_mode", mode=str(agent), reason="Better suited."))


def routes_to(agent: AgentType | str, *, confidence: float = 0.9, is_atomic: bool = True) -> ModelAnswer:
    """Return the orchestrator's answer."""
    decision = {"agent": str(agent), "confidence": confidence, "is_atomic": is_atomic, "reason": "It fits."}
    return text(json.dumps(decision))


def unavailable(status: str = "503") -> ModelFailure:
    """Return what a model client raises when every try has failed."""
    failure = ModelFailure("The provider did not answer.", status=status, is_retryable=True)
    failure.attempts = 4
    return failure


class SessionTestHelper:
    """Sessions that have already lived a little."""

    @staticmethod
    def create_session_with_messages(
        system: System, *contents: str, agent: AgentType = AgentType.CODER, is_answered: bool = False, **fields: Any
    ) -> SessionKey:
        """Create a session and post `contents`, `hello` when there are none.

        Args:
            system: Where.
            contents: User messages, oldest first.
            agent: Who answers.
            is_answered: Each message is answered with `Re: <content>` before the next one comes; the system's model
                must be a scripted one.
            fields: Of `CreateSessionCommand`.
        """
        key = system.create(agent=agent, **fields)
        for content in contents or ("hello",):
            system.say(key, content)
            if is_answered:
                scripted_model(system).answers.insert(0, text(f"Re: {content}"))
                system.work(key)
        return key

    @staticmethod
    def create_waiting_session(
        system: System, *paths: str, agent: AgentType = AgentType.CODER, **fields: Any
    ) -> tuple[SessionKey, tuple[CallId, ...]]:
        """Create a session that waits for the client to read `paths`, `a.py` when there are none; with open calls."""
        return SessionTestHelper._create_asking(system, *reads(*paths or ("a.py",)), agent=agent, **fields)

    @staticmethod
    def create_session_waiting_for_approval(
        system: System, *requested: RequestedCall, agent: AgentType = AgentType.CODER, **fields: Any
    ) -> tuple[SessionKey, tuple[ApprovalId, ...]]:
        """Create a session whose model asks for these calls, `execute_command` when there are none.

        Return it with the approvals that are pending, in the order of the calls.
        """
        wanted = requested or (wants("execute_command", command="make test"),)
        key, _ = SessionTestHelper._create_asking(system, *wanted, agent=agent, **fields)
        return key, tuple(map(approval_id_of, system.session(key).awaiting_approval))

    @staticmethod
    def create_session_with_plan(
        system: System, *dependencies: Sequence[int], running: int | None = 1, **fields: Any
    ) -> SessionKey:
        """Create a session whose architect has proposed a plan, a subtask for each entry, which depends on those.

        Args:
            system: Where.
            dependencies: Places of the subtasks, from 0, that each depends on; one subtask when there are none.
            running: The subtask that runs, from 1, and waits for the client to read `a.py`; those before it are done.
                None leaves the plan undecided.
            fields: Of `CreateSessionCommand`.
        """
        planned = wants("create_plan", **make_plan_arguments(*dependencies or ((),)))
        key, (call_id,) = SessionTestHelper._create_asking(system, planned, agent=AgentType.ARCHITECT, **fields)
        if running is not None:
            decide_approval(system, key, approval_id_of(call_id))
            done = [completes(f"Did {number}.") for number in range(1, running)]
            scripted_model(system).answers[:0] = [*done, calls(*reads("a.py"))]
            system.work(key)
        return key

    @staticmethod
    def _create_asking(
        system: System, *requested: RequestedCall, agent: AgentType, **fields: Any
    ) -> tuple[SessionKey, tuple[CallId, ...]]:
        key = system.create(agent=agent, **fields)
        system.say(key, "Look.")
        scripted_model(system).answers.insert(0, calls(*requested))
        system.work(key)
        return key, system.session(key).open_calls


def scripted_model(system: System) -> ScriptedModel:
    """Return the system's scripted model."""
    model = system.get(ModelClient)
    assert isinstance(model, ScriptedModel)
    return model


def memory_store(system: System) -> MemoryStore:
    """Return what lies behind the repositories and the lock of a system in memory."""
    store = system.get(SessionRepository)
    assert isinstance(store, MemoryStore)
    return store


def fake_clock(system: System) -> FakeClock:
    """Return the system's clock."""
    clock = system.get(Clock)
    assert isinstance(clock, FakeClock)
    return clock


def turn_queue(system: System) -> FakeTurnQueue:
    """Return what the system did to its queue messages."""
    queue = system.get(TurnQueue)
    assert isinstance(queue, FakeTurnQueue)
    return queue
