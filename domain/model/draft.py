"""A commit in the making: rules record facts on it and change the session with them."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.model.agent import AgentType
from domain.model.approval import Approval, ApprovalStatus
from domain.model.change import Call, CallClosing, CallGrant, Commit, Decision
from domain.model.errors import SessionInactive
from domain.model.events.base import Fact
from domain.model.events.message import MessageAdded
from domain.model.idempotency import Receipt
from domain.model.log import Event
from domain.model.message import INLINE_BYTES, CallStatus, Message, Role, ToolCall, Usage
from domain.model.plan import Plan
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, JsonObject, Trace, json_bytes


class Draft:
    """Collects facts, messages and calls of one commit and numbers them.

    Attributes:
        session: The session with everything recorded so far applied.
        at: UTC time of the commit.
        last_seq: Number of the commit's last fact, which names its calls; 0 until it is known (see `compose`).
        plan: The session's plan as changed so far; None when it has none that is open.
    """

    def __init__(
        self, session: Session, at: datetime, trace: Trace, *, last_seq: int = 0, plan: Plan | None = None
    ) -> None:
        self.session = session
        self.at = at
        self.plan = plan
        self.last_seq = last_seq
        self._before = session if session.last_seq else None
        self._trace = trace
        self._events: list[Event] = []
        self._opened: list[Call] = []
        self._granted: list[CallGrant] = []
        self._closed: list[CallClosing] = []
        self._changed_plan: Plan | None = None
        self._settings: SessionSettings | None = None
        self._requested: list[Approval] = []
        self._decided: list[Decision] = []
        self._breaks_lock = False
        self._hands_over = False

    def must_be_active(self) -> None:
        """Pass if the session takes commands.

        Raises:
            SessionInactive: it does not.
        """
        if not self.session.is_active:
            raise SessionInactive

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

    def open_call(self, call: ToolCall, approval: Approval | None = None) -> None:
        """Leave `call` to the client, or first to the person who is asked for `approval`."""
        self._opened.append(
            Call(call_id=call.call_id, tool=call.tool, turn=self.session.turn.number, status=call.status)
        )
        self.change(open_calls=(*self.session.open_calls, call.call_id))
        if approval:
            self._requested.append(approval)
            self.change(awaiting_approval=(*self.session.awaiting_approval, call.call_id))

    def grant_call(self, call_id: CallId, edited: JsonObject | None = None) -> None:
        """Let the client run a call that awaits approval, with other arguments when they were edited."""
        self._granted.append(CallGrant(call_id=call_id, edited=edited))
        self.change(awaiting_approval=_without(self.session.awaiting_approval, call_id))

    def close_call(self, call_id: CallId, status: CallStatus) -> None:
        """End an open call."""
        self._closed.append(CallClosing(call_id=call_id, status=status))
        self.change(
            open_calls=_without(self.session.open_calls, call_id),
            awaiting_approval=_without(self.session.awaiting_approval, call_id),
        )

    def decide_approval(
        self,
        call_id: CallId,
        status: ApprovalStatus,
        *,
        feedback: str | None = None,
        modified_arguments: JsonObject | None = None,
    ) -> None:
        """End the approval that a call waits for."""
        self._decided.append(
            Decision(
                call_id=call_id,
                status=status,
                at=self.at,
                feedback=feedback,
                modified_arguments=modified_arguments,
            )
        )

    def change_plan(self, plan: Plan) -> None:
        """Let the session's plan be `plan`; a closed one is out of the way of whatever comes later."""
        self.plan = plan if plan.is_open else None
        self._changed_plan = plan
        self.change(plan_id=plan.id, is_plan_open=plan.is_open)

    @property
    def answer(self) -> str:
        """What an agent said last in this commit; empty when none did."""
        messages = (event.message for event in reversed(self._events) if event.message)
        return next((message.content for message in messages if message.role is Role.ASSISTANT), "")

    def replace_settings(self, settings: SessionSettings) -> None:
        """Store `settings` in place of those there are."""
        self._settings = settings
        self.change(has_settings=not settings.is_empty)

    def decision_on(self, approval: Approval) -> Approval:
        """Return the approval as this commit leaves it."""
        decisions = (decision for decision in self._decided if decision.call_id == approval.call_id)
        return next((decision.applied_to(approval) for decision in decisions), approval)

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
            granted=tuple(self._granted),
            closed=tuple(self._closed),
            plan=self._changed_plan,
            settings=self._settings,
            requested=tuple(self._requested),
            decided=tuple(self._decided),
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


def _without(calls: tuple[CallId, ...], call_id: CallId) -> tuple[CallId, ...]:
    return tuple(other for other in calls if other != call_id)


def compose(
    session: Session, at: datetime, trace: Trace, decide: Callable[[Draft], None], *, plan: Plan | None = None
) -> Draft:
    """Return a draft on which `decide` has run, with the number of its last fact known while it ran.

    A call is named after its commit's last fact, which is known only when all facts are; so `decide`, which must
    depend on nothing but the draft, runs once to count them and once to write them.
    """
    count = Draft(session, at, trace, plan=plan)
    decide(count)
    draft = Draft(session, at, trace, last_seq=count.session.last_seq, plan=plan)
    decide(draft)
    return draft
