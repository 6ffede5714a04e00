"""One question and a person: what is shown, what is typed, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from clients.consent import GRANTED, Decision, Question, refused_by_user
from clients.terminal.answers import choices, understood
from clients.terminal.editing import EditFailed, Editor, as_text, parsed
from clients.terminal.screen import Screen
from clients.tools.outcome import ToolFailed
from clients.views import JsonObject

_ARGUMENTS = "The arguments as JSON, on one line; an empty line leaves them."
_CHANGES = "What is to be different? An empty line changes nothing."


@dataclass(frozen=True)
class Desk:
    """What a person decides with.

    Attributes:
        screen: Where he reads.
        editor: Where he changes arguments, if there is one.
        begin_line: Puts a text on the line that is typed next, for him to change.
    """

    screen: Screen
    editor: Editor
    begin_line: Callable[[str], None]


class Dialogue:
    """Takes lines until one of them decides. What decides is what was shown last, arguments included."""

    def __init__(self, question: Question, desk: Desk) -> None:
        """Ask `question` at `desk`."""
        self._question = question
        self._asked_first = question
        self._desk = desk
        self._draft: str | None = None
        self._wants: Literal["answer", "arguments", "changes"] = "answer"

    def open(self) -> None:
        """Show what it is about, and the choices."""
        self._desk.screen.proposal(self._question.proposal)
        ends = self._question.expires_at
        if ends is not None:
            self._desk.screen.note(f"Without an answer until {ends.astimezone():%H:%M:%S} it counts as refused.")
        self.remind()

    def remind(self) -> None:
        """Show the choices."""
        self._desk.screen.note({"arguments": _ARGUMENTS, "changes": _CHANGES}.get(self._wants, choices(self._question)))

    def take(self, line: str) -> Decision | None:
        """Return what a line decides, None when more is needed, which is shown."""
        wanted, self._wants = self._wants, "answer"
        decision = None
        if wanted == "arguments":
            self._with_arguments(line)
        elif wanted == "changes":
            decision = Decision("edit", line.strip()) if line.strip() else None
        else:
            decision = self._answer(line)
        if decision is None:
            self.remind()
        return decision

    def _answer(self, line: str) -> Decision | None:
        match understood(line):
            case ("yes", _):
                return self._granted()
            case ("no", reason):
                return refused_by_user(reason)
            case ("always", _) if self._question.likeness:
                return replace(self._granted(), is_lasting=True)
            case ("edit", rest) if self._question.kind == "plan":
                return self._edit_plan(rest)
            case ("edit", rest) if self._question.revise:
                self._edit_arguments(rest)
            case ("details", _):
                self._desk.screen.proposal(self._question.proposal, is_whole=True)
        return None

    def _granted(self) -> Decision:
        if self._question.arguments == self._asked_first.arguments:
            return GRANTED
        return Decision("edit", modified_arguments=self._question.arguments)

    def _edit_plan(self, rest: str) -> Decision | None:
        if rest:
            return Decision("edit", rest)
        self._wants = "changes"
        return None

    def _edit_arguments(self, rest: str) -> None:
        if rest:
            self._with_arguments(rest)
            return
        if not self._desk.editor.is_there:
            self._wants = "arguments"
            self._desk.begin_line(self._draft or as_text(self._question.arguments, is_one_line=True))
            return
        try:
            self._with_arguments(self._desk.editor.edit(self._draft or as_text(self._question.arguments)))
        except EditFailed as failure:
            self._desk.screen.note(f"{failure} Nothing was changed.")

    def _with_arguments(self, text: str) -> None:
        """Ask about other arguments from now on, if they are some."""
        if not text.strip():
            return
        self._draft = text
        try:
            revised = self._revised(parsed(text))
        except EditFailed as failure:
            self._desk.screen.note(f"{failure} Edit again to put it right.")
            return
        if isinstance(revised, ToolFailed):
            self._desk.screen.note(f"That cannot be done: {revised.error} Edit again to put it right.")
            return
        self._draft = None
        self._question = revised
        self._desk.screen.proposal(revised.proposal)

    def _revised(self, arguments: JsonObject) -> Question | ToolFailed:
        if arguments == self._question.arguments:
            self._desk.screen.note("Nothing was changed.")
        return ToolFailed("it has no arguments.") if self._question.revise is None else self._question.revise(arguments)
