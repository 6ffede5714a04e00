"""Facts about tool calls."""

from domain.model.agent import AgentType
from domain.model.events.base import Category, Fact
from domain.model.value import CallId


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
    """A call was tried, by the client or here, and could not be carried out."""

    category = Category.TOOL
    call_id: CallId
    tool: str


class ToolCallCancelled(Fact):
    """An open call was closed because the user moved on."""

    category = Category.TOOL
    call_id: CallId
