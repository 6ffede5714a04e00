"""What the person sees."""

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from clients.plan_views import Plan, Subtask
from clients.summary import summarise
from clients.terminal.progress import progress
from clients.terminal.visible import one_line, visible
from clients.tools.outcome import Outcome
from clients.tools.tool import Proposal
from clients.views import Event, JsonObject

_LONGEST = 100
_MOST_LINES = 60
_MARKS = {
    "pending": ("·", "dim"),
    "running": ("▸", "bold cyan"),
    "done": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "skipped": ("–", "dim"),
}
_DIFF_STYLES = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


class InputLine(Protocol):
    """The line the person types in; what is shown must not run into it."""

    def hide(self) -> None:
        """Take it off the screen."""
        ...

    def show(self) -> None:
        """Put it back, with what has been typed so far."""
        ...


class NoInputLine:
    """Nobody types while something is shown."""

    def hide(self) -> None:
        """Do nothing."""

    def show(self) -> None:
        """Do nothing."""


class Screen:
    """Prints a conversation as it goes.

    Nothing from files, models and users is read as markup or obeyed by the terminal. One thread at a time.
    """

    def __init__(self, console: Console, line: InputLine | None = None) -> None:
        """Print to `console`, above `line`."""
        self._console = console
        self._line = line or NoInputLine()

    def user(self, text: str) -> None:
        """Show what the user said."""
        self._print(("you    ", "bold green"), visible(text))

    def event(self, event: Event) -> None:
        """Show what an event says about the turn's progress; messages are shown by others."""
        shown = progress(event)
        if shown is not None:
            label, text = shown
            self._print((f"{label:<7}", "bold cyan"), (one_line(text, _LONGEST), "dim"))

    def call(self, tool: str, arguments: JsonObject) -> None:
        """Show a call that is about to run here."""
        given = json.dumps(dict(arguments), ensure_ascii=False)
        self._print(("tool   ", "bold yellow"), one_line(f"{tool} {given}", _LONGEST))

    def outcome(self, tool: str, outcome: Outcome) -> None:
        """Show what came of it."""
        self._print((f"       → {one_line(summarise(tool, outcome), _LONGEST)}", "dim"))

    def heading(self, text: str) -> None:
        """Show what a plan says to begin a step with."""
        self._print(("step   ", "bold magenta"), (one_line(text, _LONGEST), "bold"))

    def step(self, plan: Plan, subtask: Subtask, place: int) -> None:
        """Show what became of a step, and how far its plan is."""
        mark, style = _MARKS[subtask.status]
        error = f": {subtask.error}" if subtask.error else ""
        told = one_line(f"{place}. {subtask.title}{error}", _LONGEST)
        self._print(
            ("plan   ", "bold magenta"),
            (f"{mark} ", style),
            told,
            (f" — {plan.done} of {plan.total} done ({plan.percentage:.0f} %)", "dim"),
        )

    def plan(self, plan: Plan) -> None:
        """Show a whole plan as it stands."""
        place_of = {one.id: str(place) for place, one in enumerate(plan.subtasks, 1)}
        head = (
            f"{plan.title}: {plan.status.replace('_', ' ')}, {plan.done} of {plan.total} done ({plan.percentage:.0f} %)"
        )
        shown = Text.assemble((visible(head), "bold"))
        for place, one in enumerate(plan.subtasks, 1):
            mark, style = _MARKS[one.status]
            before = ", ".join(place_of.get(name, name) for name in one.dependencies)
            after = f", after {before}" if before else ""
            error = f": {one.error}" if one.error else ""
            about = f"{place}. {one.title}{error} ({one.agent}, {one.minutes} min{after}) {one.id}"
            shown.append(f"\n  {mark} ", style=style).append(visible(about))
        self._around(lambda: self._console.print(shown, soft_wrap=True))

    def suggestions(self, texts: Sequence[str]) -> None:
        """Show the answers that a question offers, each with its number."""
        for number, text in enumerate(texts, 1):
            self._print((f"    {number}  ", "bold cyan"), visible(text))

    def answer(self, text: str, agent: str | None = None) -> None:
        """Show an agent's words, and whose they are: as Markdown on a terminal, as they are elsewhere."""
        if agent is not None:
            self._print((f"{visible(agent)}:", "dim"))
        if self._console.is_terminal:
            self._around(lambda: self._console.print(Markdown(visible(text), hyperlinks=False)))
        else:
            self._print(visible(text))

    def proposal(self, proposal: Proposal, *, is_whole: bool = False) -> None:
        """Show what a call would do, its middle left out when it is long unless `is_whole`."""
        lines = visible(proposal.details).splitlines()
        if not is_whole and len(lines) > _MOST_LINES:
            half = _MOST_LINES // 2
            lines[half:-half] = [f"… {len(lines) - 2 * half} more lines, d shows them …"]
        shown = Text.assemble((visible(proposal.title), "bold"))
        for line in lines:
            style = next((style for mark, style in _DIFF_STYLES if line.startswith(mark)), "")
            shown.append(f"\n  {line}", style=style if proposal.is_diff else "")
        self._around(lambda: self._console.print(shown, soft_wrap=True))

    def note(self, text: str) -> None:
        """Say something about this program itself."""
        self._print((visible(text), "dim"))

    def problem(self, text: str) -> None:
        """Say what went wrong."""
        self._print((visible(text), "bold red"))

    def _print(self, *parts: str | tuple[str, str]) -> None:
        # `soft_wrap` leaves folding to the terminal: a path stays in one piece for copying.
        self._around(lambda: self._console.print(Text.assemble(*parts), soft_wrap=True))

    def _around(self, show: Callable[[], None]) -> None:
        self._line.hide()
        show()
        self._line.show()
