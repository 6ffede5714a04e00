"""One turn of a conversation, in a thread of its own, so that the person can type meanwhile."""

import threading
from dataclasses import dataclass
from typing import Literal, Protocol

from clients.api import AgentRuntimeApi
from clients.consent import Decision, Question
from clients.conversation import TurnEnd, follow, follow_until_idle
from clients.plan_state import PlanState
from clients.plan_views import Plan
from clients.problems import ApiProblem, ServerUnreachable
from clients.terminal.commands import PlanOrder
from clients.terminal.endings import FAILURES
from clients.terminal.tools import Stopped, Tools
from clients.tools.outcome import Outcome
from clients.views import Event, JsonObject

_MISSES_BEFORE_A_WORD = 3


class Host(Protocol):
    """The conversation, as its turns see it.

    Each method but the last raises `Stopped` to a turn that nobody waits for any more, so that nothing of it is shown
    or done.
    """

    def place(self, run: "TurnRun", api: AgentRuntimeApi) -> "Place":
        """Return where the conversation is; the session is begun if there is none yet."""
        ...

    def heard(self, run: "TurnRun", event: Event, api: AgentRuntimeApi) -> None:
        """Take an event."""
        ...

    def calling(self, run: "TurnRun", tool: str, arguments: JsonObject) -> None:
        """Take notice of a call that is about to run."""
        ...

    def called(self, run: "TurnRun", tool: str, outcome: Outcome) -> None:
        """Take notice of how it went, before the server does."""
        ...

    def asked(self, run: "TurnRun", question: Question) -> Decision | None:
        """Return what the person decides; None when it is no question any more."""
        ...

    def noted(self, run: "TurnRun", text: str) -> None:
        """Take a note about connection or server."""
        ...

    def check(self, run: "TurnRun") -> None:
        """Return."""
        ...

    def ended(self, run: "TurnRun", end: TurnEnd | Exception | None) -> None:
        """Take how it ended; None when it was only there to stop a turn."""
        ...


@dataclass(frozen=True)
class Place:
    """Where a conversation is.

    Attributes:
        session_id: The session.
        after: Number of its last event seen.
        plan: What the events so far tell of its plan; the run's own copy.
    """

    session_id: str
    after: int
    plan: PlanState


@dataclass(frozen=True)
class Order:
    """What a run is to do: one of the first four, and follow what comes of it.

    Attributes:
        content: Say this.
        turn: Follow this turn, which was asked for earlier.
        plan: Have the plan go on like this.
        is_cancel: Stop whatever runs.
        is_interrupting: Whether what runs now is to be stopped for what is said.
    """

    content: str | None = None
    turn: int | None = None
    plan: PlanOrder | None = None
    is_cancel: bool = False
    is_interrupting: bool = False


class TurnRun:
    """Carries out an order; is the clock, the executor and the consent of its own client.

    Attributes:
        order: What it carries out.
        turn: The turn it follows; None before the server has told, and when it follows none.
        is_at_server: Whether the server knows of it, so that it can be stopped there.
    """

    def __init__(self, host: Host, order: Order, tools: Tools) -> None:
        self._host = host
        self.order = order
        self._tools = tools
        self._executor = tools.executor(self)
        self._misses = 0
        self.turn = order.turn
        self.is_at_server = order.turn is not None

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._work, name="turn", daemon=True).start()

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return self._tools.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; raise `Stopped` when nobody waits for the turn any more."""
        self._tools.clock.sleep(seconds)
        self._host.check(self)

    def execute(self, tool: str, arguments: JsonObject) -> Outcome:
        """Run a call; raise `Stopped`, so that its outcome is not sent, when nobody waits for the turn any more."""
        self._host.calling(self, tool, arguments)
        outcome = self._executor.execute(tool, arguments)
        self._host.called(self, tool, outcome)
        return outcome

    def decide(self, question: Question) -> Decision | None:
        """Ask the person."""
        return self._host.asked(self, question)

    def repeats(self, _operation: str, failure: ApiProblem | ServerUnreachable) -> None:
        """Say once that the server is away; hears of every repeat."""
        if isinstance(failure, ServerUnreachable) or failure.status >= 500:
            self._misses += 1
            if self._misses == _MISSES_BEFORE_A_WORD:
                self._host.noted(self, "The server does not answer; trying again. Ctrl-C stops that.")

    def _work(self) -> None:
        end: TurnEnd | Exception | None
        try:
            end = self._carry_out()
        except (*FAILURES, Stopped) as error:
            end = error
        self._host.ended(self, end)

    def _carry_out(self) -> TurnEnd | None:
        api = self._tools.connect(self, self.repeats)
        place = self._host.place(self, api)
        self._host.check(self)
        if self.order.is_cancel:
            stopped = api.cancel_turn(place.session_id)
            follow_until_idle(api, place.session_id, place.after, lambda event: self._heard(event, api), stopped)
            return None
        if self.order.content is not None:
            on_busy: Literal["interrupt"] | None = "interrupt" if self.order.is_interrupting else None
            self.turn = api.add_message(place.session_id, self.order.content, on_busy=on_busy).turn
        elif self.order.plan is not None:
            decide_plan(api, place.session_id, self.order.plan)
            place.plan.begin()
        self.is_at_server = True
        return follow(
            api,
            place.session_id,
            place.after,
            lambda event: self._heard(event, api),
            turn=self.turn,
            workspace=self,
            approver=self._tools.approver(self, lambda sentence: self._host.noted(self, sentence)),
            plan=place.plan,
        )

    def _heard(self, event: Event, api: AgentRuntimeApi) -> None:
        if self._misses >= _MISSES_BEFORE_A_WORD:
            self._host.noted(self, "The server is back.")
        self._misses = 0
        self._host.heard(self, event, api)


def decide_plan(api: AgentRuntimeApi, session_id: str, order: PlanOrder) -> Plan:
    """Say how a plan goes on, and return it; a step given by its number is looked up.

    Raises:
        ApiProblem: there is no plan, or it cannot go on like this.
    """
    step = order.step
    if step is not None and step.isdecimal():
        steps = api.get_plan(session_id).subtasks
        step = steps[int(step) - 1].id if 0 < int(step) <= len(steps) else step
    return api.decide_plan(session_id, order.action, subtask_id=step)
