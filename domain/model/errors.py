"""Refusals and failures, as classes by consequence.

| Family | Consequence |
|---|---|
| `Refusal` | the caller is told, by code; nothing was written |
| `LostRace` | somebody else wrote first: read again, decide again |
| `Throttled` | a lost race without a winner: the same, and in the end the store is unavailable |
| `AlreadyDone` | a repeat: tell the same again |
| `LostFence` | this worker is no longer the holder: stop, write nothing, report failure |
| `TransientFailure` | a neighbour failed; `is_retryable` says whether a later try can succeed |
"""

from typing import ClassVar

from domain.model.circuit import CircuitChange, FailedModel
from domain.model.idempotency import Receipt
from domain.model.value import Value


class Refusal(Exception):  # noqa: N818  # named after what it says to the caller
    """A command or query that is not carried out; `code` is stable and part of the HTTP contract."""

    code: ClassVar[str]
    detail: ClassVar[str]

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail or self.detail)


class FieldError(Value):
    """What is wrong with one field, without what was sent.

    Attributes:
        field: Its name; `body` when no single field is at fault.
        message: In words.
    """

    field: str
    message: str


class InvalidInput(Refusal):
    """Fields do not fit the contract; `errors` names each."""

    code = "VALIDATION_ERROR"
    detail = "The request does not fit the contract; `errors` names each field."

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__()


class IdempotencyKeyReused(Refusal):
    """The key came before with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"
    detail = "This Idempotency-Key was used for another request. Use a new key for a new request."


class SessionNotFound(Refusal):
    """No such session of this user; the words are the same for a session of somebody else."""

    code = "SESSION_NOT_FOUND"
    detail = "There is no such session."


class SessionAlreadyExists(Refusal):
    """The chosen id is taken by another session of the same user."""

    code = "SESSION_ALREADY_EXISTS"
    detail = "You have a session with this id. Choose another id, or leave it out and get one."


class SessionBusy(Refusal):
    """The session is at work, or too many write at once; repeat after `retry_after_seconds`."""

    code = "SESSION_BUSY"
    detail = "The session is busy. Repeat the request after the time in Retry-After."


class SessionInactive(Refusal):
    """A deactivated session takes no commands."""

    code = "SESSION_INACTIVE"
    detail = "The session is not active. Activate it with PATCH is_active=true first."


class AgentSwitchError(Refusal):
    """The agent asked for cannot take over."""

    code = "AGENT_SWITCH_ERROR"
    detail = "This agent is not available in this deployment. GET /v1/agents lists those that are."


class ToolCallNotFound(Refusal):
    """No such call in this session."""

    code = "TOOL_CALL_NOT_FOUND"
    detail = "There is no such tool call in this session."


class ToolCallClosed(Refusal):
    """The call has ended; its result is already known or no longer wanted."""

    code = "TOOL_CALL_CLOSED"
    detail = "The tool call has ended; nothing more is accepted for it."


class ApprovalRequired(Refusal):
    """The call waits for a human decision; a result before it is refused."""

    code = "APPROVAL_REQUIRED"
    detail = "The tool call has not been approved yet. Decide its approval first."


class ApprovalNotFound(Refusal):
    """No such approval in this session."""

    code = "APPROVAL_NOT_FOUND"
    detail = "There is no such approval in this session."


class ApprovalAlreadyDecided(Refusal):
    """Somebody was faster, or the call was cancelled; a decision has one winner."""

    code = "APPROVAL_ALREADY_DECIDED"
    detail = "The approval has been decided or cancelled already. GET its session's approvals to see how."


class ApprovalExpired(Refusal):
    """Nobody decided in time, which counts as a no."""

    code = "APPROVAL_EXPIRED"
    detail = "The approval was not decided in time; the call was not run, and the turn has gone on."


class PlanNotFound(Refusal):
    """The session has no plan."""

    code = "PLAN_NOT_FOUND"
    detail = "There is no plan in this session."


class PlanState(Refusal):
    """The plan, or the subtask meant, is not where this can be done."""

    code = "PLAN_STATE"
    detail = "The plan is not in a state for this. GET the plan to see where it stands."


class StorageUnavailable(Refusal):
    """The store did not answer in time; nothing is known to be wrong with the request."""

    code = "STORAGE_UNAVAILABLE"
    detail = "The store is not available just now. Repeat the request after the time in Retry-After."


class LockAcquisitionTimeoutError(Refusal):
    """The session's lock did not become free before the deadline."""

    code = "SESSION_BUSY"
    detail = "The session's lock did not become free in time."


class AlreadyDone(Exception):  # noqa: N818  # a repeat is no error
    """The same command was carried out before; nothing was written now.

    Attributes:
        receipt: What was remembered of it.
    """

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt
        super().__init__()


class LostRace(Exception):  # noqa: N818  # a race is lost, no error was made
    """The session changed between reading and writing; nothing was written."""


class Throttled(LostRace):
    """The store is overloaded: nothing was written, and nobody else need have been writing."""


class LostFence(Exception):  # noqa: N818  # same
    """Another worker has taken the session; nothing was written."""


class TransientFailure(Exception):  # noqa: N818  # families are named by consequence
    """A neighbour failed.

    Attributes:
        is_retryable: Whether the same can succeed later.
        retry_after_seconds: What the neighbour asked for; None when it did not.
        attempts: Tries so far, from 1.
    """

    def __init__(self, detail: str, *, is_retryable: bool, retry_after_seconds: float | None = None) -> None:
        self.is_retryable = is_retryable
        self.retry_after_seconds = retry_after_seconds
        self.attempts = 1
        super().__init__(detail)


class ModelFailure(TransientFailure):
    """A model call failed.

    Attributes:
        status: The provider's HTTP status, or a word where there is none: `timeout`, `connection`, `broken` (half an
            answer, or none that can be read), `empty`, `malformed` (the model lost its own format), `guardrail`,
            `content_filtered`, `context_window`, `circuit_open`, `configuration`.
        circuit: What the call's tries did to the circuit, in order.
        model: The model that failed; None when there was but one to ask.
        instead_of: The model that was asked and failed before it; None when there was none.
    """

    def __init__(
        self, detail: str, *, status: str, is_retryable: bool, retry_after_seconds: float | None = None
    ) -> None:
        self.status = status
        self.circuit: tuple[CircuitChange, ...] = ()
        self.model: str | None = None
        self.instead_of: FailedModel | None = None
        super().__init__(detail, is_retryable=is_retryable, retry_after_seconds=retry_after_seconds)
