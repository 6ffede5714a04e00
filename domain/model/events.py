"""Every fact (domain event). The class name is the `detail-type`; what a fact says is written here and nowhere else.

Facts never carry message text, arguments or results: ids, sizes and hashes only, so nothing outside the log ever has
anything to erase.
"""

from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Self

from domain.model.agent import AgentType
from domain.model.message import Message, Role
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import CallId, Value


class Category(StrEnum):
    """What a fact is about; subscriptions may ask for a whole category."""

    SESSION = "session"
    MESSAGE = "message"
    AGENT = "agent"
    TOOL = "tool"
    APPROVAL = "approval"
    PLAN = "plan"
    LLM = "llm"
    TURN = "turn"
    SYSTEM = "system"


class Fact(Value):
    """Something that happened to a session.

    Attributes:
        category: What it is about.
        priority: 0 to 100; rules may match on it, and a subscriber's handlers see it. 50 unless stated.
    """

    category: ClassVar[Category]
    priority: ClassVar[int] = 50

    @classmethod
    def type_name(cls) -> str:
        """Return the `detail-type`.

        >>> TurnRequested.type_name()
        'TurnRequested'
        """
        return cls.__name__


class SessionCreated(Fact):
    """A session began."""

    category = Category.SESSION
    has_title: bool


class MessageAdded(Fact):
    """A message was stored; its number is this fact's.

    Attributes:
        size: UTF-8 bytes of the content.
        sha256: Of the content's UTF-8 bytes, hexadecimal.
        calls: Tool calls inside it.
    """

    category = Category.MESSAGE
    role: Role
    agent: AgentType | None = None
    size: int
    sha256: str
    calls: int = 0

    @classmethod
    def of(cls, message: Message) -> Self:
        """Return the fact of `message`, whose content must be whole."""
        encoded = message.content.encode()
        return cls(
            role=message.role,
            agent=message.agent,
            size=len(encoded),
            sha256=message.stored_sha256 or sha256(encoded).hexdigest(),
            calls=len(message.tool_calls),
        )


class TurnReason(StrEnum):
    """What left work for a model."""

    MESSAGE = "message"
    CALLS_CLOSED = "calls_closed"
    HAND_OVER = "hand_over"
    NEXT_MESSAGE = "next_message"


class TurnRequested(Fact):
    """Work is owed to a model. The only fact that starts a worker."""

    category = Category.TURN
    priority = 100
    turn: int
    reason: TurnReason


class TurnStarted(Fact):
    """The turn's first commit by a worker."""

    category = Category.TURN
    turn: int
    agent: AgentType


class TurnCompleted(Fact):
    """The turn has its answer."""

    category = Category.TURN
    turn: int
    agent: AgentType
    rounds: int


class TurnWaiting(Fact):
    """The turn waits for the client.

    Attributes:
        status: What it waits for, one of the `waiting_*` states.
        open_calls: Calls that must close before it goes on, in the model's order.
    """

    category = Category.TURN
    turn: int
    status: TurnStatus
    open_calls: tuple[CallId, ...]


class TurnFailed(Fact):
    """The turn ended without an answer; everything produced so far stays."""

    category = Category.TURN
    priority = 90
    turn: int
    code: TurnErrorCode


class TurnCancelled(Fact):
    """The user stopped the turn."""

    category = Category.TURN
    turn: int


class TurnRecovered(Fact):
    """A worker took over a turn whose holder had vanished.

    Attributes:
        attempt: Which lock taking since the last commit this is, from 1.
    """

    category = Category.TURN
    priority = 90
    turn: int
    attempt: int


class AgentAssigned(Fact):
    """A session got its first agent."""

    category = Category.AGENT
    agent: AgentType


class SwitchReason(StrEnum):
    """Who or what changed the agent."""

    ROUTED = "routed"
    USER = "user"
    AGENT = "agent"
    COMPLETED = "completed"


class AgentSwitched(Fact):
    """Another agent speaks from now on.

    Attributes:
        confidence: 0 to 1 as the classifier said; None when nobody classified.
        is_fallback: Keywords decided because the model's classification failed.
    """

    category = Category.AGENT
    from_agent: AgentType
    to_agent: AgentType
    reason: SwitchReason
    confidence: float | None = None
    is_fallback: bool = False


class AgentSwitchRefused(Fact):
    """An agent asked for a switch that is not allowed."""

    category = Category.AGENT
    from_agent: AgentType
    target: str


class LlmRequestCompleted(Fact):
    """A model answered.

    Attributes:
        purpose: `route` or `answer`.
        attempt: How many tries it took, from 1.
        duration_ms: Wall clock over all tries.
    """

    category = Category.LLM
    purpose: str
    model: str
    input_tokens: int
    output_tokens: int
    duration_ms: int
    attempt: int


class LlmRequestFailed(Fact):
    """A model did not answer, whatever was tried.

    Attributes:
        status: The last failure as the provider gave it, or `timeout`.
    """

    category = Category.LLM
    priority = 90
    purpose: str
    model: str
    status: str
    duration_ms: int
    attempt: int


class ToolCallRequested(Fact):
    """A call was opened; the client is to execute it."""

    category = Category.TOOL
    call_id: CallId
    tool: str
    agent: AgentType


class ToolCallRefused(Fact):
    """A call was turned down before anyone saw it; the model got the reason as its result.

    Attributes:
        code: `NOT_ALLOWED`, `INVALID_ARGUMENTS`, `PATH_NOT_ALLOWED`, `MUST_BE_ALONE` or `TOO_MANY_CALLS`.
    """

    category = Category.TOOL
    call_id: CallId
    tool: str
    agent: AgentType
    code: str


class ToolCallCompleted(Fact):
    """A call has its result."""

    category = Category.TOOL
    call_id: CallId
    tool: str


class ToolCallFailed(Fact):
    """The client could not carry a call out."""

    category = Category.TOOL
    call_id: CallId
    tool: str


class ToolCallCancelled(Fact):
    """An open call was closed because the user moved on."""

    category = Category.TOOL
    call_id: CallId


class LockLost(Fact):
    """A worker vanished or fell asleep; said by its successor, since it cannot write itself.

    Attributes:
        fence: The number the lost holder wrote under.
    """

    category = Category.SYSTEM
    priority = 90
    fence: int


FACTS = {fact.type_name(): fact for fact in Fact.__subclasses__()}
"""Every fact class by its type name."""
