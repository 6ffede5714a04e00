"""Facts about turns."""

from enum import StrEnum

from domain.model.agent import AgentType
from domain.model.events.base import Category, Fact
from domain.model.session import TurnErrorCode, TurnStatus
from domain.model.value import CallId


class TurnReason(StrEnum):
    """What left work for a model."""

    MESSAGE = "message"
    CALLS_CLOSED = "calls_closed"
    HAND_OVER = "hand_over"
    NEXT_MESSAGE = "next_message"
    SUBTASK = "subtask"


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
