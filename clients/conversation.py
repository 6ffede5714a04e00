"""A turn, from the message to its end, with the client's part of the work done on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from clients.api import AgentRuntimeApi
from clients.event_stream import events
from clients.problems import ApiProblem
from clients.tools.outcome import Outcome, ToolDone, ToolFailed
from clients.views import Event, JsonObject, Message, ToolCall

_ENDS: dict[str, Literal["completed", "failed", "cancelled"]] = {
    "TurnCompleted": "completed",
    "TurnFailed": "failed",
    "TurnCancelled": "cancelled",
}
_SPOKEN_THROUGH = {"attempt_completion": "result", "ask_followup_question": "question"}
"""Server tools by which an agent addresses the user, and the argument that holds the words."""
_NOT_SENDABLE = frozenset({400, 413, 422})


class Executor(Protocol):
    """Carries out client tools; `Workspace` is one."""

    def execute(self, tool: str, arguments: JsonObject) -> Outcome:
        """Run `tool` and return its result or what kept it from having one.

        Whatever it raises ends following: the call stays open.
        """
        ...


@dataclass(frozen=True)
class TurnEnd:
    """How a turn ended.

    Attributes:
        how: Completed, failed or cancelled.
        turn: Its number.
        seq: Number of the event that ended it: the cursor from which to follow on.
        answer: The last thing the agent said to the user in this turn, None when it said nothing.
        code: Why it failed, None unless it did.
    """

    how: Literal["completed", "failed", "cancelled"]
    turn: int
    seq: int
    answer: str | None
    code: str | None


def _unheard(_event: Event) -> None:
    """Stand in for a caller who does not listen."""


def _unseen(_call: ToolCall, _outcome: Outcome) -> None:
    """Stand in for a caller who does not look."""


def ask(
    api: AgentRuntimeApi,
    session_id: str,
    content: str,
    *,
    after: int,
    workspace: Executor,
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
        on_outcome=on_outcome,
        max_silence_seconds=max_silence_seconds,
    )


def follow(
    api: AgentRuntimeApi,
    session_id: str,
    after: int,
    on_event: Callable[[Event], None],
    *,
    turn: int,
    workspace: Executor,
    on_outcome: Callable[[ToolCall, Outcome], None] = _unseen,
    max_silence_seconds: float | None = None,
) -> TurnEnd:
    """Follow a session until `turn` has ended, executing the calls it waits for.

    Calls of earlier turns are executed too: `turn` would never start otherwise. They run one by one in the model's
    order, so that a read after a write sees it. Interrupted anywhere, it can be called again with the last `after`:
    a call that still waits is executed (again), one that was answered is not.

    Args:
        api: Where the session lives.
        session_id: Which one.
        after: Number of the last event already seen, 0 for none.
        on_event: Gets every event above `after`, in order, once, before its calls run.
        turn: The turn to wait for, as `add_message` told it.
        workspace: Executes the calls.
        on_outcome: Gets every executed call before its outcome is sent.
        max_silence_seconds: How long no event may come; None waits for ever.

    Raises:
        GapFound: an event is missing.
        ServerSilent: nothing came for `max_silence_seconds`.
        ApiProblem: the server refuses, say because the session was erased.
        ServerUnreachable: it stayed away for longer than `api` repeats.
    """
    answer: str | None = None
    stream = events(api, session_id, after=after, clock=api.clock, max_silence_seconds=max_silence_seconds)
    for event in stream:
        on_event(event)
        if event.message is not None:
            if event.message.turn == turn:
                answer = spoken(whole(api, event.message)) or answer
            for call in event.message.tool_calls:
                if call.is_ours_to_run:
                    outcome = workspace.execute(call.tool, call.arguments)
                    on_outcome(call, outcome)
                    _post(api, session_id, call.call_id, outcome)
        how = _ENDS.get(event.type)
        if how is not None and event.fields.get("turn") == turn:
            return TurnEnd(how, turn, event.seq, answer, event.fields.get("code"))
    raise AssertionError("the stream of events has no end of its own")  # pragma: no cover


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


def whole(api: AgentRuntimeApi, message: Message) -> Message:
    """Return an assistant message with all of its content, of which a long one carries only the beginning."""
    if message.role != "assistant" or message.content_url is None:
        return message
    return replace(message, content=api.get_content(message.content_url))


def _post(api: AgentRuntimeApi, session_id: str, call_id: str, outcome: Outcome) -> None:
    try:
        api.add_tool_result(session_id, call_id, outcome)
    except ApiProblem as problem:
        if problem.code == "TOOL_CALL_CLOSED":
            return  # answered already, by an earlier try or another client, or no longer wanted
        if problem.status in _NOT_SENDABLE and isinstance(outcome, ToolDone):
            # Without any answer the turn would wait for ever; the model can ask for less.
            _post(api, session_id, call_id, ToolFailed(f"The server did not take the result: {problem.code}."))
            return
        raise
