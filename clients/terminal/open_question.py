"""A question that waits for the person while the rest of the program goes on."""

import threading
from collections.abc import Callable
from contextlib import suppress

from clients.consent import Decision
from clients.event_stream import events
from clients.pacing import Clock
from clients.terminal.dialogue import Dialogue
from clients.terminal.endings import FAILURES
from clients.terminal.tools import Stopped, Tools

_SETTLED_BY = frozenset(
    {"ApprovalGranted", "ApprovalEdited", "ApprovalRejected", "ApprovalExpired", "ApprovalCancelled"}
)


class OpenQuestion:
    """A question between a turn's thread, which waits for the answer, and the person's, which brings it.

    Attributes:
        dialogue: Takes the person's lines.
        is_typed_over: Whether a line was begun before the question was there: it is no answer to it.
    """

    def __init__(self, dialogue: Dialogue, *, is_typed_over: bool) -> None:
        self.dialogue = dialogue
        self.is_typed_over = is_typed_over
        self._decision: Decision | None = None
        self._is_dropped = False
        self._settled = threading.Event()

    def settle(self, decision: Decision | None) -> None:
        """Answer it; None says that there is nothing to be decided any more."""
        self._decision = decision
        self._settled.set()

    def drop(self) -> None:
        """Take it back together with its turn."""
        self._is_dropped = True
        self._settled.set()

    def wait(self) -> Decision | None:
        """Return the answer.

        Raises:
            Stopped: it was taken back.
        """
        self._settled.wait()
        if self._is_dropped:
            raise Stopped
        return self._decision

    def sleep(self, seconds: float) -> None:
        """Wait; raise `Stopped` as soon as the question is settled."""
        if self._settled.wait(seconds):
            raise Stopped


class _WhileOpen:
    """The time of whoever watches a question: it ends with it."""

    def __init__(self, question: OpenQuestion, clock: Clock) -> None:
        self._question = question
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._question.sleep(seconds)


def watch(
    question: OpenQuestion, approval_id: str, tools: Tools, place: tuple[str, int], on_settled: Callable[[], None]
) -> None:
    """Call `on_settled` when an approval is decided elsewhere, runs out or is withdrawn while its question is open.

    Works in a thread of its own, which ends with the question.

    Args:
        question: Who waits.
        approval_id: What is asked about.
        tools: Reach the server.
        place: Session and number of the last event seen in it.
        on_settled: Hears of it, from that thread.
    """
    api = tools.connect(_WhileOpen(question, tools.clock), lambda _operation, _failure: None)

    def work() -> None:
        session_id, after = place
        # What ails the connection is told by the turn itself, as soon as it needs it.
        with suppress(Stopped, *FAILURES):
            for event in events(api, session_id, after=after, clock=api.clock):
                question.sleep(0)
                if event.type in _SETTLED_BY and event.fields.get("approval_id") == approval_id:
                    on_settled()
                    return

    threading.Thread(target=work, name="watch", daemon=True).start()
