"""A turn, from the message to its end, with the client's part of the work done on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from clients.api import AgentRuntimeApi
from clients.approving import Approver
from clients.client_calls import ClientCalls, Executor
from clients.event_stream import events
from clients.plan_state import PlanState
from clients.tools.outcome import Outcome
from clients.views import Event, Message, Session, ToolCall

How = Literal["completed", "failed", "cancelled"]
_ENDS: dict[str, How] = {"TurnCompleted": "completed", "TurnFailed": "failed", "TurnCancelled": "cancelled"}
_SPOKEN_THROUGH = {"attempt_completion": "result", "ask_followup_question": "question"}
"""Server tools by which an agent addresses the user, and the argument that holds the words."""


@dataclass(frozen=True)
class TurnEnd:
    """How a turn ended, and the plan that came of it, if any.

    Attributes:
        how: Completed, failed or cancelled.
        turn: Its number.
        seq: Number of the last event followed: the cursor from which to follow on.
        answer: The last thing the agents said to the user, None when they said nothing.
        code: Why it failed, None unless it did.
    """

    how: How
    turn: int
    seq: int
    answer: str | None
    code: str | None


def _unheard(_event: Event) -> None:
    """Stand in for a caller who does not listen."""


def _unseen(_call: ToolCall, _outcome: Outcome) -> None:
    """Stand in for a caller who does not look."""


def ask(  # noqa: PLR0913  # who, what, and a listener for each part
    api: AgentRuntimeApi,
    session_id: str,
    content: str,
    *,
    after: int,
    workspace: Executor,
    approver: Approver | None = None,
    on_event: Callable[[Event], None] = _unheard,
    on_outcome: Callable[[ToolCall, Outcome], None] = _unseen,
    max_silence_seconds: float | None = None,
) -> TurnEnd:
    """Say `content` and follow the session until the turn that answers it has ended; see `follow`."""
    turn = api.add_message(session_id, content).turn
    return follow(
        api,
        session_id,
        after,
        on_event,
        turn=turn,
        workspace=workspace,
        approver=approver,
        on_outcome=on_outcome,
        max_silence_seconds=max_silence_seconds,
    )


def follow(  # noqa: PLR0913  # as `ask`
    api: AgentRuntimeApi,
    session_id: str,
    after: int,
    on_event: Callable[[Event], None],
    *,
    turn: int | None,
    workspace: Executor,
    approver: Approver | None = None,
    plan: PlanState | None = None,
    on_outcome: Callable[[ToolCall, Outcome], None] = _unseen,
    max_silence_seconds: float | None = None,
) -> TurnEnd:
    """Follow a session until `turn` and the plan it may have set going have ended, doing the client's part.

    Calls of earlier turns are executed too: `turn` would never start otherwise. They run one by one in the model's
    order, so that a read after a write sees it; one that needs an approval is decided first, and executed with exactly
    the arguments that were granted. Interrupted anywhere, it can be called again with the last `after`: a call that
    still waits is executed (again), one that was answered is not.

    Args:
        api: Where the session lives.
        session_id: Which one.
        after: Number of the last event already seen, 0 for none.
        on_event: Gets every event above `after`, in order, once, before its calls run.
        turn: The turn to wait for, as `add_message` told it; None waits for the plan alone.
        workspace: Executes the calls.
        approver: Decides what the server wants decided; None leaves that to others and waits for their word.
        plan: What earlier events told of a plan; takes in what these tell.
        on_outcome: Gets every executed call before its outcome is sent.
        max_silence_seconds: How long no event may come; None waits for ever.

    Raises:
        GapFound: an event is missing.
        ServerSilent: nothing came for `max_silence_seconds`.
        ApiProblem: the server refuses, say because the session was erased.
        ServerUnreachable: it stayed away for longer than `api` repeats.
    """
    watch = _Watch(api, session_id, turn, plan or PlanState())
    calls = ClientCalls(api, session_id, workspace, approver, on_outcome, watch.expect_plan)

    def is_last(event: Event) -> bool:
        on_event(event)
        watch.hear(event)
        calls.hear(event)
        return watch.is_over(event)

    stream = events(api, session_id, after=after, clock=api.clock, max_silence_seconds=max_silence_seconds)
    return watch.end(next(filter(is_last, stream)).seq)


def follow_until_idle(
    api: AgentRuntimeApi, session_id: str, after: int, on_event: Callable[[Event], None], session: Session
) -> int:
    """Follow a session that was told to stop until nothing happens in it any more, doing nothing for it.

    Args:
        api: Where the session lives.
        session_id: Which one.
        after: Number of the last event already seen.
        on_event: Gets every event above `after`.
        session: As it was when it was told.

    Returns:
        Number of the last event seen.

    Raises:
        GapFound, ApiProblem, ServerUnreachable: as `follow`.
    """

    def is_last(event: Event) -> bool:
        nonlocal session
        on_event(event)
        if event.seq >= session.last_seq:
            session = api.get_session(session_id)
        return session.turn.is_at_rest and session.last_seq <= event.seq

    if session.turn.is_at_rest and session.last_seq <= after:
        return after
    return next(filter(is_last, events(api, session_id, after=after, clock=api.clock))).seq


class _Watch:
    """Knows when what is followed is over, and how it ended."""

    def __init__(self, api: AgentRuntimeApi, session_id: str, turn: int | None, plan: PlanState) -> None:
        self._api = api
        self._session_id = session_id
        self._turn = turn
        self._plan = plan
        self._has_plan = turn is None or plan.is_running
        self._ended: dict[int, tuple[How, str | None]] = {}
        self._answer: str | None = None
        self._plan_code: str | None = None

    def expect_plan(self) -> None:
        self._plan.begin()
        self._has_plan = True

    def hear(self, event: Event) -> None:
        self._plan.hear(event)
        self._has_plan = self._has_plan or self._plan.is_running
        if event.type == "PlanFailed":
            self._plan_code = str(event.fields.get("code") or "PLAN_FAILED")
        how = _ENDS.get(event.type)
        if how is not None and event.fields.get("turn") is not None:
            self._ended[event.fields["turn"]] = how, event.fields.get("code")
        message = event.message
        if message is not None and (message.turn == self._turn or (self._has_plan and message.turn == self._plan.turn)):
            self._answer = spoken(whole(self._api, message)) or self._answer

    def is_over(self, event: Event) -> bool:
        if self._turn is not None and self._turn not in self._ended:
            return False
        if not self._has_plan:
            return True
        if not self._plan.is_running and (self._plan.turn is None or self._plan.turn in self._ended):
            return True
        return (event.type in _ENDS or event.type.startswith("Plan")) and self._is_at_rest(event)

    def _is_at_rest(self, event: Event) -> bool:
        """Ask the server: facts alone do not tell when a plan was stopped in the middle of a step."""
        session = self._api.get_session(self._session_id)
        if not session.turn.is_at_rest or session.last_seq > event.seq:
            return False
        return not self._plan.is_running or self._api.get_plan(self._session_id).is_over

    def end(self, seq: int) -> TurnEnd:
        how, code = self._ended.get(self._turn or 0, ("completed", None))
        if self._has_plan and how == "completed":
            if self._plan.how == "failed":
                how, code = "failed", self._plan_code
            elif self._plan.how == "cancelled":
                how = "cancelled"
        return TurnEnd(how, self._turn or 0, seq, self._answer, code)


def spoken(message: Message) -> str | None:
    """Return what an assistant message says to the user, None when it says nothing or is not the assistant's."""
    if message.role != "assistant":
        return None
    content = message.content if message.content.strip() else None
    for call in message.tool_calls:
        words = call.arguments.get(_SPOKEN_THROUGH.get(call.tool, ""))
        if isinstance(words, str) and words.strip() and call.status != "refused":
            return content or words
    # Words beside other calls are the agent thinking aloud, not its answer.
    return None if message.tool_calls else content


def suggestions(message: Message) -> tuple[str, ...]:
    """Return the answers that a question offers, none when it is no question or offers none."""
    for call in message.tool_calls:
        offered = call.arguments.get("suggestions")
        if call.tool == "ask_followup_question" and call.status != "refused" and isinstance(offered, list):
            return tuple(str(one) for one in offered)
    return ()


def whole(api: AgentRuntimeApi, message: Message) -> Message:
    """Return an assistant message with all of its content, of which a long one carries only the beginning."""
    if message.role != "assistant" or message.content_url is None:
        return message
    return replace(message, content=api.get_content(message.content_url))
