"""A conversation: the person types, turns run, and neither waits for the other."""

import threading
from collections import deque
from itertools import islice

from clients.api import AgentRuntimeApi
from clients.consent import Decision
from clients.conversation import TurnEnd, spoken, whole
from clients.event_stream import events
from clients.terminal.answers import CHOICES, understood
from clients.terminal.endings import Ending, explain
from clients.terminal.keyboard import DECIDE, SAY, Keyboard
from clients.terminal.screen import Screen
from clients.terminal.turn_run import Order, Stopped, Tools, TurnRun
from clients.tools.outcome import Outcome
from clients.tools.tool import Proposal
from clients.views import Event, JsonObject

HELP = """\
What you type is sent; during a turn it waits until that has ended.
/now MESSAGE  stops the turn and says this instead
/quit         leaves, as does Ctrl-D; the session stays
Ctrl-C        stops waiting for the turn; your next message takes over"""


class Question:
    """A call that waits for the person's word.

    Attributes:
        is_typed_over: Whether a line was begun before the question was there: it is no answer to it.
    """

    def __init__(self, proposal: Proposal, *, is_typed_over: bool) -> None:
        self.proposal = proposal
        self.is_typed_over = is_typed_over
        self._decision: Decision | None = None
        self._settled = threading.Event()

    def settle(self, decision: Decision | None) -> None:
        """Answer it; None takes it back."""
        self._decision = decision
        self._settled.set()

    def wait(self) -> Decision:
        """Return the answer.

        Raises:
            Stopped: it was taken back.
        """
        self._settled.wait()
        if self._decision is None:
            raise Stopped
        return self._decision


class Chat:
    """One session at one terminal.

    The caller's thread reads lines; each turn runs in a thread of its own, the newest one alone is listened to. One
    turn at a time: a message typed meanwhile is held here until the turn has ended, because the server takes a message
    that arrives while it waits for a tool's result as a change of mind and drops the open calls.
    """

    def __init__(self, tools: Tools, keyboard: Keyboard, screen: Screen, session_id: str | None = None) -> None:
        """Talk in a given session, or in one that begins with the first message."""
        self._tools = tools
        self._keyboard = keyboard
        self._screen = screen
        self._session_id = session_id
        self._cursor = 0
        self._run: TurnRun | None = None
        self._held: deque[str] = deque()
        self._question: Question | None = None
        self._takes_over = False
        self._ending = Ending.ANSWERED
        # Guards all of the above, and the screen.
        self._changed = threading.Condition()

    def run(self) -> Ending:
        """Talk until the person leaves or the lines end.

        Returns:
            `ANSWERED` to a person; to a script, how the last turn that went wrong ended.

        Raises:
            ApiProblem, ServerUnreachable, BrokenAnswer, GapFound: the given session cannot be read.
        """
        if self._session_id is not None:
            self._resume(self._session_id)
        while True:
            try:
                if not self._take(self._keyboard.read().strip()):
                    return self._leave()
            except EOFError:
                return self._leave()
            except KeyboardInterrupt:
                if not self._keyboard.is_person:
                    raise
                self._interrupt()

    # What the person does

    def _take(self, text: str) -> bool:
        """Act on a line; return whether to go on."""
        with self._changed:
            command, _, rest = text.partition(" ")
            if command == "/quit":
                return False
            if command == "/now" and rest:
                self._stop()
                self._start(rest)
            elif command in {"/help", "/now"}:
                self._screen.note(HELP)
            elif self._question is not None and not self._question.is_typed_over:
                self._answer(self._question, text)
            elif text:
                self._say(text)
            return True

    def _say(self, text: str) -> None:
        if self._run is None:
            self._start(text)
            return
        self._held.append(text)
        if self._keyboard.is_person:
            self._screen.note("Held until the turn has ended; /now MESSAGE would stop it.")
        if self._question is not None:
            self._question.is_typed_over = False
            self._screen.note(CHOICES)

    def _answer(self, question: Question, text: str) -> None:
        decision = understood(text)
        if isinstance(decision, Decision):
            self._settle(decision)
            return
        if decision == "details":
            self._screen.proposal(question.proposal, is_whole=True)
        self._screen.note(CHOICES)

    def _settle(self, decision: Decision | None) -> None:
        if self._question is not None:
            self._question.settle(decision)
            self._question = None
            self._keyboard.prompt = SAY

    def _start(self, text: str | None, *, turn: int = 0) -> None:
        self._run = TurnRun(self, Order(text, turn, is_interrupting=self._takes_over), self._tools)
        self._takes_over = False
        self._run.start()

    def _stop(self) -> None:
        """Leave the turn to itself; whatever of it runs here ends."""
        if self._run is not None:
            self._run = None
            self._takes_over = True
            self._settle(None)
            self._tools.stop()

    def _interrupt(self) -> None:
        with self._changed:
            if self._run is None:
                self._screen.note("\nCtrl-D leaves.")
                return
            self._stop()
            dropped = f" Not sent: {len(self._held)} held." if self._held else ""
            self._held.clear()
            self._screen.note(f"\nStopped waiting.{dropped} Your next message takes over.")

    def _leave(self) -> Ending:
        with self._changed:
            if not self._keyboard.is_person:
                while self._run is not None:
                    self._changed.wait()
                return self._ending
            self._stop()
            if self._session_id is not None:
                self._screen.note(f"\nGo on with `agent-runtime chat --session {self._session_id}`.")
            return Ending.ANSWERED

    def _resume(self, session_id: str) -> None:
        """Show what was said, and follow the turn that is in progress."""
        api = self._tools.connect(self._tools.clock, lambda _operation, _failure: None)
        session = api.get_session(session_id)
        turn = session.turn.number
        is_busy = session.turn.status == "running" or session.turn.status.startswith("waiting_")
        for event in islice(events(api, session_id, after=0, clock=api.clock), session.last_seq):
            if is_busy and (event.turn or 0) >= turn:
                break  # its open calls are met by following it
            self._cursor = event.seq
            self._show_message(event, _words(event, api))
        if is_busy:
            with self._changed:
                self._start(None, turn=turn + session.queued)

    def _show_message(self, event: Event, words: str | None, *, is_typed_here: bool = False) -> None:
        if event.message is not None and event.message.role == "user" and not is_typed_here:
            self._screen.user(event.message.content)
        if words is not None:
            self._screen.answer(words)

    # What a turn does, in its thread

    def check(self, run: TurnRun) -> None:
        """Return while `run` is the turn that is waited for."""
        with self._changed:
            self._check(run)

    def _check(self, run: TurnRun) -> None:
        if run is not self._run:
            raise Stopped

    def place(self, run: TurnRun, api: AgentRuntimeApi) -> tuple[str, int]:
        """Return session and cursor."""
        if self._session_id is None:
            session_id = api.create_session().id
            with self._changed:
                self._check(run)
                self._session_id = session_id
                self._screen.note(f"session {session_id}")
        return self._session_id, self._cursor

    def heard(self, run: TurnRun, event: Event, api: AgentRuntimeApi) -> None:
        """Show an event and remember its number."""
        words = _words(event, api)
        with self._changed:
            self._check(run)
            self._cursor = event.seq
            self._screen.event(event)
            is_own = event.turn == run.turn and self._keyboard.is_person
            self._show_message(event, words, is_typed_here=is_own)

    def calling(self, run: TurnRun, tool: str, arguments: JsonObject) -> None:
        """Show a call."""
        with self._changed:
            self._check(run)
            self._screen.call(tool, arguments)

    def called(self, run: TurnRun, tool: str, outcome: Outcome) -> None:
        """Show its outcome."""
        with self._changed:
            self._check(run)
            self._screen.outcome(tool, outcome)

    def asked(self, run: TurnRun, proposal: Proposal) -> Decision:
        """Ask the person, and wait."""
        with self._changed:
            self._check(run)
            question = self._question = Question(proposal, is_typed_over=bool(self._keyboard.typed()))
            self._keyboard.prompt = DECIDE
            self._screen.proposal(proposal)
            self._screen.note(CHOICES)
        return question.wait()

    def noted(self, run: TurnRun, text: str) -> None:
        """Show a note."""
        with self._changed:
            self._check(run)
            self._screen.note(text)

    def ended(self, run: TurnRun, end: TurnEnd | Exception) -> None:
        """Show how it ended, and begin with the next message held."""
        with self._changed:
            if run is not self._run:
                return
            self._run = None
            if isinstance(end, Exception):
                self._ending, sentence = explain(end)
                self._screen.problem(sentence)
                # The server may still be at it, and what it waits for would not be met.
                self._takes_over = True
            elif end.how != "completed":
                self._ending = Ending.TURN_FAILED
            if self._held:
                self._start(self._held.popleft())
            self._changed.notify_all()


def _words(event: Event, api: AgentRuntimeApi) -> str | None:
    """Return what the agent says in an event; may ask the server for it."""
    return None if event.message is None else spoken(whole(api, event.message))
