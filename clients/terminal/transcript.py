"""What was said, as the person reads it."""

from clients.api import AgentRuntimeApi
from clients.conversation import spoken, suggestions, whole
from clients.plan_state import PlanState
from clients.terminal.screen import Screen
from clients.views import Event


class Transcript:
    """Shows the messages of a session's events, in order.

    Attributes:
        plan: What the events so far tell of the session's plan.
        offered: The answers that the last message offers.
    """

    def __init__(self, screen: Screen) -> None:
        """Show on `screen`."""
        self._screen = screen
        self.plan = PlanState()
        self.offered: tuple[str, ...] = ()

    def show(self, event: Event, words: str | None, *, is_typed_here: bool = False) -> None:
        """Take an event in and show its message.

        Args:
            event: The next one.
            words: What the agent says in it; see `words_of`.
            is_typed_here: Whether its user's message stands on the screen already.
        """
        is_heading = self.plan.hear(event)
        message = event.message
        if message is None:
            return
        if message.role != "tool":
            self.offered = suggestions(message)
        if is_heading:
            self._screen.heading(message.content)
        elif message.role == "user" and not is_typed_here:
            self._screen.user(message.content)
        if words is not None:
            self._screen.answer(words, message.agent)
            self._screen.suggestions(self.offered)

    def chosen(self, text: str) -> str:
        """Return the offered answer that a bare number stands for, shown; any other text as it is."""
        if not text.isdecimal() or not 0 < int(text) <= len(self.offered):
            return text
        answer = self.offered[int(text) - 1]
        self._screen.user(answer)
        return answer


def words_of(event: Event, api: AgentRuntimeApi) -> str | None:
    """Return what the agent says in an event; may ask the server for it."""
    return None if event.message is None else spoken(whole(api, event.message))
