"""A conversation: the person types, turns run, and neither waits for the other."""

import threading
from collections import deque
from copy import copy
from dataclasses import replace
from itertools import islice

from clients.api import AgentRuntimeApi
from clients.consent import Decision, Question
from clients.conversation import TurnEnd
from clients.event_stream import events
from clients.terminal.answers import understood
from clients.terminal.aside import Aside
from clients.terminal.commands import HELP, Command, command
from clients.terminal.dialogue import Desk, Dialogue
from clients.terminal.endings import Ending, explain
from clients.terminal.keyboard import DECIDE, SAY, Keyboard
from clients.terminal.open_question import OpenQuestion, watch
from clients.terminal.progress import PLAN_FAILED, ended_step
from clients.terminal.tools import Stopped, Tools
from clients.terminal.transcript import Transcript, words_of
from clients.terminal.turn_run import Order, Place, TurnRun
from clients.tools.outcome import Outcome
from clients.views import Event, JsonObject


class Chat:
    """One session at one terminal.

    The caller's thread reads lines; each turn runs in a thread of its own, the newest one alone is listened to. One
    turn at a time: a message typed meanwhile is held here until the turn, and the plan it may have set going, has
    ended, because the server takes a message that arrives while it waits for a tool's result as a change of mind and
    drops the open calls.
    """

    def __init__(self, tools: Tools, keyboard: Keyboard, desk: Desk, session_id: str | None = None) -> None:
        """Talk in a given session, or in one that begins with the first message."""
        self._tools = tools
        self._keyboard = keyboard
        self._desk = desk
        self._screen = desk.screen
        self._session_id = session_id
        self._cursor = 0
        self._transcript = Transcript(self._screen)
        self._run: TurnRun | None = None
        self._held: deque[Order] = deque()
        self._question: OpenQuestion | None = None
        self._is_question_gone = False
        self._takes_over = False
        self._is_interrupted = False
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
        goes_on = True
        while goes_on:
            try:
                goes_on = self._take(self._keyboard.read().strip())
            except EOFError:
                break
            except KeyboardInterrupt:
                if not self._keyboard.is_person:
                    raise
                goes_on = self._interrupt()
        return self._leave()

    # What the person does

    def _take(self, text: str) -> bool:
        """Act on a line; return whether to go on."""
        with self._changed:
            self._is_interrupted = False
            was_question_gone, self._is_question_gone = self._is_question_gone, False
            order = command(text)
            if order.name != "say":
                return self._obey(order)
            if self._question is not None and not self._question.is_typed_over:
                decision = self._question.dialogue.take(text)
                if decision is not None:
                    self._settle(decision)
            elif was_question_gone and understood(text) is not None:
                self._screen.note("There is no question any more.")
            elif text:
                self._begin_or_hold(Order(self._transcript.chosen(text)))
            return True

    def _obey(self, order: Command) -> bool:
        match order.name:
            case "quit":
                return False
            case "now" if self._run is None or not self._run.order.is_cancel:
                self._stop()
                self._start(Order(order.text))
            case "now":
                self._held.appendleft(Order(order.text))  # what runs is being stopped already
            case "help":
                self._screen.note(HELP)
            case _ if self._session_id is None:
                self._screen.note("There is no plan yet.")
            case "decide_plan" if order.plan and (self._run is None or order.plan.action != "cancel"):
                self._begin_or_hold(Order(plan=order.plan))
            case _:
                Aside(self._tools, self._session_id, self._changed, self._screen).start(order.plan)
        return True

    def _begin_or_hold(self, order: Order) -> None:
        if self._run is None:
            self._start(order)
            return
        self._held.append(order)
        if self._keyboard.is_person:
            what = "plan" if self._transcript.plan.is_running else "turn"
            self._screen.note(f"Held until the {what} has ended; /now MESSAGE would stop it.")
        if self._question is not None:
            self._question.is_typed_over = False
            self._question.dialogue.remind()

    def _settle(self, decision: Decision | None) -> None:
        if self._question is not None:
            self._question.settle(decision)
            self._question = None
            self._keyboard.prompt = SAY

    def _start(self, order: Order) -> None:
        self._run = TurnRun(self, replace(order, is_interrupting=self._takes_over), self._tools)
        self._takes_over = False
        self._transcript.offered = ()
        self._run.start()

    def _stop(self) -> None:
        """End whatever of the turn runs here."""
        if self._run is not None:
            self._run = None
            self._takes_over = True
            if self._question is not None:
                self._question.drop()
                self._settle(None)
            self._tools.stop()

    def _interrupt(self) -> bool:
        """Stop the turn, here and at the server; return whether to go on."""
        with self._changed:
            if self._is_interrupted:
                return False
            self._is_interrupted = True
            run = self._run
            if run is None:
                self._screen.note("\nCtrl-C again leaves, as does Ctrl-D.")
                return True
            self._stop()
            dropped = f" Not sent: {len(self._held)} held." if self._held else ""
            self._held.clear()
            if run.is_at_server or run.order.is_cancel:
                self._start(Order(is_cancel=True))
                self._screen.note(f"\nStopping the turn.{dropped} Ctrl-C again leaves.")
            else:
                self._screen.note(f"\nStopped waiting.{dropped} Your next message takes over.")
            return True

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
        is_busy = not session.turn.is_at_rest
        for event in islice(events(api, session_id, after=0, clock=api.clock), session.last_seq):
            if is_busy and (event.turn or 0) >= turn:
                break  # its open calls are met by following it
            self._cursor = event.seq
            self._transcript.show(event, words_of(event, api))
        if is_busy:
            with self._changed:
                self._start(Order(turn=turn + session.queued))
        elif self._transcript.plan.how == "failed":
            self._screen.note(PLAN_FAILED)

    # What a turn does, in its thread

    def check(self, run: TurnRun) -> None:
        """Return while `run` is the turn that is waited for."""
        with self._changed:
            self._check(run)

    def _check(self, run: TurnRun) -> None:
        if run is not self._run:
            raise Stopped

    def place(self, run: TurnRun, api: AgentRuntimeApi) -> Place:
        """Return where the conversation is."""
        session_id = self._session_id or api.create_session().id
        with self._changed:
            self._check(run)
            if self._session_id is None:
                self._session_id = session_id
                self._screen.note(f"session {session_id}")
            return Place(session_id, self._cursor, copy(self._transcript.plan))

    def heard(self, run: TurnRun, event: Event, api: AgentRuntimeApi) -> None:
        """Show an event and remember its number."""
        words = words_of(event, api)
        step = ended_step(event, api, self._session_id or "")
        with self._changed:
            self._check(run)
            self._cursor = event.seq
            self._screen.event(event)
            is_own = event.turn == run.turn and self._keyboard.is_person
            self._transcript.show(event, words, is_typed_here=is_own)
            if step is not None:
                self._screen.step(*step)

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

    def asked(self, run: TurnRun, question: Question) -> Decision | None:
        """Ask the person, and wait for him or for the question's end."""
        with self._changed:
            self._check(run)
            dialogue = Dialogue(question, self._desk)
            waiting = self._question = OpenQuestion(dialogue, is_typed_over=bool(self._keyboard.typed()))
            self._keyboard.prompt = DECIDE
            dialogue.open()
            place = self._session_id or "", self._cursor
        if question.approval_id is not None:
            watch(waiting, question.approval_id, self._tools, place, lambda: self._over(waiting))
        return waiting.wait()

    def _over(self, question: OpenQuestion) -> None:
        """Withdraw a question that nobody asks any more."""
        with self._changed:
            if self._question is question:
                self._settle(None)
                self._is_question_gone = True
                self._screen.note("That is settled: decided elsewhere, out of time, or not wanted any more.")

    def noted(self, run: TurnRun, text: str) -> None:
        """Show a note."""
        with self._changed:
            self._check(run)
            self._screen.note(text)

    def ended(self, run: TurnRun, end: TurnEnd | Exception | None) -> None:
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
            elif end is not None and end.how != "completed":
                self._ending = Ending.TURN_FAILED
            if self._held:
                self._start(self._held.popleft())
            self._changed.notify_all()
