"""The session: aggregate root of a conversation."""

from datetime import datetime
from enum import StrEnum

from domain.model.agent import AgentContext
from domain.model.value import CallId, EventId, SessionKey, Value


class TurnStatus(StrEnum):
    """Where the current turn stands. `running` means: work is owed to a model, by whichever worker holds the lock."""

    IDLE = "idle"
    RUNNING = "running"
    WAITING_FOR_TOOLS = "waiting_for_tools"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    WAITING_FOR_BUDGET = "waiting_for_budget"
    FAILED = "failed"


class TurnErrorCode(StrEnum):
    """Why a turn failed, as the client reads it in `turn.error.code`."""

    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    TURN_LIMIT = "TURN_LIMIT"
    TURN_FAILED = "TURN_FAILED"


class TurnError(Value):
    """A failed turn's reason: a stable code and a sentence without internals.

    Attributes:
        code: Stable.
        detail: For people; tells nothing of the inside.
    """

    code: TurnErrorCode
    detail: str


class Turn(Value):
    """The turn a session is in.

    Attributes:
        number: 0 before the first message, then the turn in progress or the last one that ended.
        status: See `TurnStatus`.
        error: Set exactly when `status` is failed.
        rounds: Model calls committed in this turn, routing included.
        switches: Agent switches committed in this turn.
        refusals: Answers in a row of which every call was refused.
    """

    number: int = 0
    status: TurnStatus = TurnStatus.IDLE
    error: TurnError | None = None
    rounds: int = 0
    switches: int = 0
    refusals: int = 0

    def stands_as(self, other: "Turn") -> bool:
        """Return whether this is the turn `other`, and is in the same state."""
        return (self.number, self.status) == (other.number, other.status)


class SessionSummary(Value):
    """What a list tells of a session; times are UTC."""

    key: SessionKey
    title: str | None = None
    is_active: bool
    created_at: datetime
    last_activity_at: datetime


class SummaryPage(Value):
    """A piece of a user's sessions, newest activity first."""

    sessions: tuple[SessionSummary, ...]
    has_more: bool


class Session(Value):
    """A conversation of one user as its head stores it.

    Invariants: `last_seq` ≥ 2 and grows with every commit; `last_turn` ≥ `turn.number`, the difference being the
    queued messages; `open_calls` is empty unless the turn waits for the client, for a person's leave exactly while
    `awaiting_approval` is not empty; a queue, which grows while a turn runs
    and stays when it comes to wait, implies `running` or `waiting_*`.

    Attributes:
        key: Owner and id.
        incarnation: Random, given at creation, so that a session made anew under an old id is another one.
        title: 1–255 characters; None until given or taken from the first message.
        last_turn: Highest turn number handed out.
        message_count: Messages of all roles.
        last_seq: Number of the newest fact.
        open_calls: Calls of the newest answer that are not closed, in the model's order.
        awaiting_approval: Those of them that wait for a person's leave.
        plan_id: Of the newest plan; None before the first.
        is_plan_open: Whether anything can still happen to it, so that it is worth reading.
        fence: Number of lock takings so far; a worker writes only under the number it was given.
        attempts: Lock takings since a worker last committed or a turn ended.
        has_settings: Whether the client gave tools or policies, which are stored beside the session.
        created_at: UTC.
        last_activity_at: UTC time of the newest user message, or of creation.
    """

    key: SessionKey
    incarnation: str
    created_at: datetime
    last_activity_at: datetime
    title: str | None = None
    is_active: bool = True
    turn: Turn = Turn()
    last_turn: int = 0
    agent: AgentContext = AgentContext()
    message_count: int = 0
    last_seq: int = 0
    open_calls: tuple[CallId, ...] = ()
    awaiting_approval: tuple[CallId, ...] = ()
    plan_id: str | None = None
    is_plan_open: bool = False
    fence: int = 0
    attempts: int = 0
    has_settings: bool = False

    @property
    def queued(self) -> int:
        """User messages that wait for a turn of their own."""
        return self.last_turn - self.turn.number

    @property
    def is_turn_owed(self) -> bool:
        """Whether a worker has something to do here."""
        return self.turn.status is TurnStatus.RUNNING

    def event_id(self, seq: int) -> EventId:
        """Return the id of fact number `seq`.

        >>> from datetime import UTC, datetime
        >>> day = datetime(2026, 1, 1, tzinfo=UTC)
        >>> key = SessionKey(user="u", session_id="s")
        >>> Session(key=key, incarnation="k3", created_at=day, last_activity_at=day).event_id(7)
        'k3:7'
        """
        return EventId(f"{self.incarnation}:{seq}")
