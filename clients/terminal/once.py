"""One question, one answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

from clients.api import AgentRuntimeApi
from clients.approving import Approver
from clients.client_calls import Executor
from clients.consent import Decision, Question
from clients.conversation import TurnEnd, ask, suggestions
from clients.plan_state import PlanState
from clients.summary import summarise
from clients.terminal.dialogue import Desk, Dialogue
from clients.terminal.endings import FAILURES, Ending, Unusable
from clients.terminal.progress import ended_step
from clients.terminal.screen import Screen
from clients.terminal.visible import visible
from clients.tools.outcome import Outcome, ToolDone
from clients.views import Event, JsonObject, ToolCall

_MAX_SILENCE_SECONDS = 600.0
_HOW = {"completed": "ended", "failed": "failed", "cancelled": "was cancelled"}


class Narrated:
    """An executor that shows each call before, and its outcome after it runs."""

    def __init__(self, executor: Executor, screen: Screen) -> None:
        """Let `executor` do it, and tell `screen`."""
        self._executor = executor
        self._screen = screen

    def execute(self, tool: str, arguments: JsonObject) -> Outcome:
        """Run the call."""
        self._screen.call(tool, arguments)
        outcome = self._executor.execute(tool, arguments)
        self._screen.outcome(tool, outcome)
        return outcome


class AskInBetween:
    """A person who is asked while nothing else happens."""

    def __init__(self, desk: Desk, read: Callable[[], str]) -> None:
        """Show at `desk`, take answers from `read`, which returns an empty text when there are no more."""
        self._desk = desk
        self._read = read

    def decide(self, question: Question) -> Decision:
        """Ask until there is an answer."""
        dialogue = Dialogue(question, self._desk)
        dialogue.open()
        while line := self._read():
            decision = dialogue.take(line)
            if decision is not None:
                return decision
        return Decision("reject", "The user went away without an answer.")


@dataclass
class OneShot:
    """Asks one question and prints the answer alone; progress goes to the screen.

    Attributes:
        out: Where the answer goes.
        is_json: Whether as one JSON object with all that happened.
        cleans: Whether `out` is a terminal, which must not obey the answer.
    """

    api: AgentRuntimeApi
    executor: Executor
    approver: Approver
    screen: Screen
    out: TextIO
    is_json: bool = False
    cleans: bool = False
    _events: list[Event] = field(default_factory=list)
    _calls: list[dict[str, Any]] = field(default_factory=list)
    _plan: PlanState = field(default_factory=PlanState)
    _offered: tuple[str, ...] = ()
    _session_id: str = ""

    def run(self, question: str, session_id: str | None = None) -> Ending:
        """Ask, in a new session or in a given one.

        Returns:
            `ANSWERED`, `TURN_FAILED` when the turn ended without an answer, or `INTERRUPTED`.

        Raises:
            Unusable: there is no question.
            ApiProblem, ServerUnreachable, ServerSilent, BrokenAnswer, GapFound: as `conversation.ask`.
        """
        if not question.strip():
            raise Unusable("The question is empty.")
        session = self.api.create_session() if session_id is None else self.api.get_session(session_id)
        self._session_id = session.id
        self.screen.note(f"session {session.id}")
        try:
            end = ask(
                self.api,
                session.id,
                question,
                after=0 if session_id is None else session.last_seq,
                workspace=Narrated(self.executor, self.screen),
                approver=self.approver,
                on_event=self._heard,
                on_outcome=self._done,
                max_silence_seconds=_MAX_SILENCE_SECONDS,
            )
        except KeyboardInterrupt:
            return self._cancelled()
        is_answered = end.how == "completed" and end.answer is not None
        if self.is_json:
            self._print(json.dumps(self._report(session.id, end), ensure_ascii=not self._is_utf8()))
        elif is_answered:
            self._print(end.answer or "")
            self.screen.suggestions(self._offered)
        if not is_answered:
            code = f" ({end.code})" if end.code else ""
            self.screen.problem(f"The turn {_HOW[end.how]}{code} without an answer.")
        return Ending.ANSWERED if is_answered else Ending.TURN_FAILED

    def _cancelled(self) -> Ending:
        """Stop the turn at the server, too; interrupted once more, leave it."""
        stays = f"The session stays: `agent-runtime chat --session {self._session_id}`."
        try:
            self.api.cancel_turn(self._session_id)
        except (*FAILURES, KeyboardInterrupt):
            self.screen.problem(f"Stopped waiting; the turn may go on. {stays}")
        else:
            self.screen.problem(f"Stopped the turn. {stays}")
        return Ending.INTERRUPTED

    def _heard(self, event: Event) -> None:
        self._events.append(event)
        self.screen.event(event)
        is_heading = self._plan.hear(event)
        if event.message is not None:
            self._offered = suggestions(event.message)
            if is_heading:
                self.screen.heading(event.message.content)
        ended = ended_step(event, self.api, self._session_id)
        if ended is not None:
            self.screen.step(*ended)

    def _done(self, call: ToolCall, outcome: Outcome) -> None:
        self._calls.append(
            {
                "call_id": call.call_id,
                "tool": call.tool,
                "arguments": dict(call.arguments),
                "outcome": "done" if isinstance(outcome, ToolDone) else "failed",
                "summary": summarise(call.tool, outcome),
            }
        )

    def _report(self, session_id: str, end: TurnEnd) -> dict[str, Any]:
        used = [
            event.fields for event in self._events if event.type == "LlmRequestCompleted" and event.turn == end.turn
        ]
        costs = [one.get("cost_micro_usd") for one in used]
        return {
            "session_id": session_id,
            "turn": end.turn,
            "status": end.how,
            "code": end.code,
            "answer": end.answer,
            "tool_calls": self._calls,
            "events": [
                {
                    "seq": event.seq,
                    "turn": event.turn,
                    "type": event.type,
                    "occurred_at": event.occurred_at.isoformat(),
                    "data": dict(event.fields),
                }
                for event in self._events
            ],
            "usage": {
                "model_calls": len(used),
                "input_tokens": sum(int(one["input_tokens"]) for one in used),
                "output_tokens": sum(int(one["output_tokens"]) for one in used),
                # A sum with an unknown price in it would be a wrong one.
                "cost_micro_usd": None if None in costs else sum(costs),
            },
        }

    def _is_utf8(self) -> bool:
        return (self.out.encoding or "").replace("-", "").casefold() == "utf8"

    def _print(self, text: str) -> None:
        print(visible(text) if self.cleans else text, file=self.out, flush=True)
