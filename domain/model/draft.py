"""A commit in the making: rules record facts on it and change the session with them."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.model.agent import AgentType
from domain.model.change import Call, CallClosing, Commit
from domain.model.events.base import Fact
from domain.model.events.message import MessageAdded
from domain.model.idempotency import Receipt
from domain.model.log import Event
from domain.model.message import INLINE_BYTES, CallStatus, Message, Role, ToolCall, Usage
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, Trace, json_bytes


class Draft:
    """Collects facts, messages and calls of one commit and numbers them.

    Attributes:
        session: The session with everything recorded so far applied.
        at: UTC time of the commit.
        last_seq: Number of the commit's last fact, which names its calls; 0 until it is known (see `compose`).
    """

    def __init__(self, session: Session, at: datetime, trace: Trace, *, last_seq: int = 0) -> None:
        self.session = session
        self.at = at
        self.last_seq = last_seq
        self._before = session if session.last_seq else None
        self._trace = trace
        self._events: list[Event] = []
        self._opened: list[Call] = []
        self._closed: list[CallClosing] = []
        self._settings: SessionSettings | None = None
        self._breaks_lock = False
        self._hands_over = False

    def change(self, **fields: Any) -> None:
        """Change fields of the session."""
        self.session = self.session.model_copy(update=fields)

    def change_turn(self, **fields: Any) -> None:
        """Change fields of the session's turn."""
        self.change(turn=self.session.turn.model_copy(update=fields))

    def record(self, fact: Fact, *, turn: int | None = None, note: str | None = None) -> None:
        """Add a fact under the next number, in the session's turn unless another is named.

        Args:
            fact: What happened.
            turn: The turn it belongs to.
            note: Somebody's own words about it, for the log alone.
        """
        self._append(fact, self.session.turn.number if turn is None else turn, note=note)

    def add_message(  # a message has this many optional parts
        self,
        role: Role,
        content: str,
        *,
        turn: int | None = None,
        agent: AgentType | None = None,
        tool_calls: tuple[ToolCall, ...] = (),
        tool_call_id: CallId | None = None,
        outcome: CallStatus | None = None,
        usage: Usage | None = None,
    ) -> Message:
        """Add a message with its `MessageAdded` and return it."""
        of_turn = self.session.turn.number if turn is None else turn
        message = Message(
            seq=self.session.last_seq + 1,
            turn=of_turn,
            role=role,
            content=content,
            created_at=self.at,
            agent=agent,
            tool_calls=tool_calls,
            tool_call_id=tool_call_id,
            outcome=outcome,
            usage=usage,
            stored_sha256=sha256(content.encode()).hexdigest() if json_bytes(content) > INLINE_BYTES else None,
        )
        self._append(MessageAdded.of(message), of_turn, message=message)
        self.change(message_count=self.session.message_count + 1)
        return message

    def call_id(self, index: int) -> CallId:
        """Return the id of the commit's call number `index`, from 0."""
        return CallId(f"{self.last_seq}-{index}")

    def open_call(self, call: ToolCall) -> None:
        """Leave `call` to the client."""
        self._opened.append(
            Call(call_id=call.call_id, tool=call.tool, turn=self.session.turn.number, status=call.status)
        )
        self.change(open_calls=(*self.session.open_calls, call.call_id))

    def close_call(self, call_id: CallId, status: CallStatus) -> None:
        """End an open call."""
        self._closed.append(CallClosing(call_id=call_id, status=status))
        self.change(open_calls=tuple(other for other in self.session.open_calls if other != call_id))

    def replace_settings(self, settings: SessionSettings) -> None:
        """Store `settings` in place of those there are."""
        self._settings = settings
        self.change(has_settings=not settings.is_empty)

    def break_lock(self) -> None:
        """Shut out the worker that holds the session, if one does."""
        self._breaks_lock = True

    def hand_over(self) -> None:
        """Give the session back with this commit although a turn is owed."""
        self._hands_over = True

    def commit(self, *, fence: int | None = None, receipt: Receipt | None = None) -> Commit:
        """Return the commit; a worker names its fence, and gives the session back when no turn is owed any more."""
        return Commit(
            before=self._before,
            after=self.session,
            events=tuple(self._events),
            opened=tuple(self._opened),
            closed=tuple(self._closed),
            settings=self._settings,
            fence=fence,
            releases_lock=fence is not None and (self._hands_over or not self.session.is_turn_owed),
            breaks_lock=self._breaks_lock,
            receipt=receipt,
        )

    def _append(self, fact: Fact, turn: int, *, message: Message | None = None, note: str | None = None) -> None:
        seq = self.session.last_seq + 1
        self._events.append(
            Event(
                key=self.session.key,
                incarnation=self.session.incarnation,
                seq=seq,
                turn=turn,
                occurred_at=self.at,
                trace=self._trace,
                fact=fact,
                message=message,
                note=note,
            )
        )
        self.change(last_seq=seq)


def compose(session: Session, at: datetime, trace: Trace, decide: Callable[[Draft], None]) -> Draft:
    """Return a draft on which `decide` has run, with the number of its last fact known while it ran.

    A call is named after its commit's last fact, which is known only when all facts are; so `decide`, which must
    depend on nothing but the draft, runs once to count them and once to write them.
    """
    count = Draft(session, at, trace)
    decide(count)
    draft = Draft(session, at, trace, last_seq=count.session.last_seq)
    decide(draft)
    return draft
