"""One turn of a conversation, in a thread of its own, so that the person can type meanwhile."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from clients.api import AgentRuntimeApi
from clients.consent import Consent, Decision
from clients.conversation import Executor, TurnEnd, follow
from clients.pacing import Clock
from clients.problems import ApiProblem, ServerUnreachable
from clients.terminal.endings import FAILURES
from clients.tools.outcome import Outcome
from clients.tools.tool import Proposal
from clients.views import Event, JsonObject

_MISSES_BEFORE_A_WORD = 3


class Stopped(Exception):  # noqa: N818  # what the person did
    """The person does not wait for this turn any more."""


class Host(Protocol):
    """The conversation, as its turns see it.

    Each method but the last raises `Stopped` to a turn that nobody waits for any more, so that nothing of it is shown
    or done.
    """

    def place(self, run: "TurnRun", api: AgentRuntimeApi) -> tuple[str, int]:
        """Return the session, begun if there is none yet, and the number of its last event seen."""
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

    def asked(self, run: "TurnRun", proposal: Proposal) -> Decision:
        """Return what the person decides."""
        ...

    def noted(self, run: "TurnRun", text: str) -> None:
        """Take a note about the connection."""
        ...

    def check(self, run: "TurnRun") -> None:
        """Return."""
        ...

    def ended(self, run: "TurnRun", end: TurnEnd | Exception) -> None:
        """Take how it ended."""
        ...


@dataclass(frozen=True)
class Order:
    """What a run is to do: say something and follow its turn, or follow one that was asked for earlier.

    Attributes:
        content: What to say; None to say nothing.
        turn: Which turn to follow when nothing is said.
        is_interrupting: Whether what runs now is to be stopped for it.
    """

    content: str | None = None
    turn: int = 0
    is_interrupting: bool = False


@dataclass(frozen=True)
class Tools:
    """What a run works with.

    Attributes:
        connect: Makes a client of the server, given what its waits go by and who hears of repeats.
        executor: Makes what executes calls, given who is asked first.
        stop: Ends a call that is being executed.
        clock: The machine's.
    """

    connect: Callable[[Clock, Callable[[str, ApiProblem | ServerUnreachable], None]], AgentRuntimeApi]
    executor: Callable[[Consent], Executor]
    stop: Callable[[], None]
    clock: Clock


class TurnRun:
    """Carries out an order; is the clock, the executor and the consent of its own client.

    Attributes:
        turn: The turn it follows; 0 before the server has told.
    """

    def __init__(self, host: Host, order: Order, tools: "Tools") -> None:
        self._host = host
        self._order = order
        self._tools = tools
        self._executor = tools.executor(self)
        self._misses = 0
        self.turn = order.turn

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

    def decide(self, proposal: Proposal) -> Decision:
        """Ask the person."""
        return self._host.asked(self, proposal)

    def repeats(self, _operation: str, failure: ApiProblem | ServerUnreachable) -> None:
        """Say once that the server is away; hears of every repeat."""
        if isinstance(failure, ServerUnreachable) or failure.status >= 500:
            self._misses += 1
            if self._misses == _MISSES_BEFORE_A_WORD:
                self._host.noted(self, "The server does not answer; trying again. Ctrl-C stops that.")

    def _work(self) -> None:
        end: TurnEnd | Exception
        try:
            end = self._follow()
        except (*FAILURES, Stopped) as error:
            end = error
        self._host.ended(self, end)

    def _follow(self) -> TurnEnd:
        api = self._tools.connect(self, self.repeats)
        session_id, after = self._host.place(self, api)
        if self._order.content is not None:
            self._host.check(self)
            on_busy: Literal["interrupt"] | None = "interrupt" if self._order.is_interrupting else None
            self.turn = api.add_message(session_id, self._order.content, on_busy=on_busy).turn
        return follow(api, session_id, after, lambda event: self._heard(event, api), turn=self.turn, workspace=self)

    def _heard(self, event: Event, api: AgentRuntimeApi) -> None:
        if self._misses >= _MISSES_BEFORE_A_WORD:
            self._host.noted(self, "The server is back.")
        self._misses = 0
        self._host.heard(self, event, api)
