"""One commit: what is written together or not at all."""

from domain.model.idempotency import Receipt
from domain.model.log import Event
from domain.model.message import CallStatus
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, Value


class Call(Value):
    """The changing part of a tool call; its arguments stay in the message that asked for it.

    Attributes:
        turn: The turn that opened it.
        status: Where it stands.
    """

    call_id: CallId
    tool: str
    turn: int
    status: CallStatus


class CallClosing(Value):
    """An open call's last step, valid only while it is still open.

    Attributes:
        status: A final status.
    """

    call_id: CallId
    status: CallStatus


class Commit(Value):
    """One atomic write.

    Attributes:
        before: The session as it was read; None creates it. The write is refused when it has changed since.
        after: The session as it shall be.
        events: Numbered from `before.last_seq` + 1 to `after.last_seq`; none only when there is a receipt to keep.
        opened: Calls that begin.
        closed: Calls that end.
        settings: What replaces those stored, the empty ones included; None leaves them as they are.
        fence: Number of the lock this worker holds; None for commands of a client.
        releases_lock: The worker gives the session back with this write.
        breaks_lock: Whoever holds the session must not write any more.
        receipt: What to remember of the command; refused when its name is taken and has not expired.
    """

    before: Session | None
    after: Session
    events: tuple[Event, ...]
    opened: tuple[Call, ...] = ()
    closed: tuple[CallClosing, ...] = ()
    settings: SessionSettings | None = None
    fence: int | None = None
    releases_lock: bool = False
    breaks_lock: bool = False
    receipt: Receipt | None = None


class Loaded(Value):
    """A session as read for a command.

    Attributes:
        call: The call asked for; None when there is none.
        receipt: Of the same command carried out before; None when it is new or has expired.
    """

    session: Session
    call: Call | None = None
    receipt: Receipt | None = None
