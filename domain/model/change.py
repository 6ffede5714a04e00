"""One commit: what is written together or not at all."""

from datetime import datetime

from domain.model.approval import Approval, ApprovalStatus
from domain.model.idempotency import Receipt
from domain.model.log import Event
from domain.model.message import CallStatus, ToolCall
from domain.model.plan import Plan
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, JsonObject, Value


class Call(Value):
    """The changing part of a tool call; its arguments stay in the message that asked for it.

    Attributes:
        turn: The turn that opened it.
        status: Where it stands.
        edited: What a person put in place of its arguments; None when nobody did.
    """

    call_id: CallId
    tool: str
    turn: int
    status: CallStatus
    edited: JsonObject | None = None

    def applied_to(self, asked: ToolCall) -> ToolCall:
        """Return the call of a message, which is never changed, as it is now."""
        edits = {} if self.edited is None else {"arguments": self.edited, "is_edited": True}
        return asked.model_copy(update={"status": self.status, **edits})


class CallClosing(Value):
    """An open call's last step, valid only while it is still open.

    Attributes:
        status: A final status.
    """

    call_id: CallId
    status: CallStatus


class CallGrant(Value):
    """A person's leave to run a call, valid only while it awaits that.

    Attributes:
        edited: What is to be run instead of its arguments; None when they stand.
    """

    call_id: CallId
    edited: JsonObject | None = None


class Decision(Value):
    """An approval's last step, valid only while it is pending.

    Attributes:
        call_id: The call it is about.
        status: Any but pending.
        at: UTC.
        feedback: What the person said.
        modified_arguments: What is to be run instead, when edited.
    """

    call_id: CallId
    status: ApprovalStatus
    at: datetime
    feedback: str | None = None
    modified_arguments: JsonObject | None = None

    def applied_to(self, asked: Approval) -> Approval:
        """Return the approval as it is after this."""
        ended = {"status": self.status, "decided_at": self.at, "feedback": self.feedback}
        return asked.model_copy(update=ended | {"modified_arguments": self.modified_arguments})


class Commit(Value):
    """One atomic write.

    Attributes:
        before: The session as it was read; None creates it. The write is refused when it has changed since.
        after: The session as it shall be.
        events: Numbered from `before.last_seq` + 1 to `after.last_seq`; none only when there is a receipt to keep.
        opened: Calls that begin.
        granted: Calls that may run now.
        closed: Calls that end.
        plan: The session's newest plan as it shall be; None when nothing of it changes.
        settings: What replaces those stored, the empty ones included; None leaves them as they are.
        requested: Approvals that begin.
        decided: Approvals that end.
        fence: Number of the lock this worker holds; None for commands of a client.
        releases_lock: The worker gives the session back with this write.
        breaks_lock: Whoever holds the session must not write any more.
        receipt: What to remember of the command; refused when its name is taken and has not expired.
    """

    before: Session | None
    after: Session
    events: tuple[Event, ...]
    opened: tuple[Call, ...] = ()
    granted: tuple[CallGrant, ...] = ()
    closed: tuple[CallClosing, ...] = ()
    plan: Plan | None = None
    settings: SessionSettings | None = None
    requested: tuple[Approval, ...] = ()
    decided: tuple[Decision, ...] = ()
    fence: int | None = None
    releases_lock: bool = False
    breaks_lock: bool = False
    receipt: Receipt | None = None


class Loaded(Value):
    """A session as read for a command.

    Attributes:
        call: The call asked for; None when there is none.
        approval: Of that call, when it was asked for too; None when there is none.
        plan: Its plan while that is open; None otherwise.
        receipt: Of the same command carried out before; None when it is new or has expired.
    """

    session: Session
    call: Call | None = None
    approval: Approval | None = None
    plan: Plan | None = None
    receipt: Receipt | None = None
