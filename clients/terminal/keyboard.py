"""Where the person's lines come from."""

import readline
import sys
from collections.abc import Callable
from typing import Protocol, TextIO

from clients.terminal.screen import InputLine, NoInputLine

# Equally wide: the editor goes on believing in the one it began with.
SAY = "you> "
DECIDE = "y/n> "
_START_OF_EMPTY_LINE = "\r\x1b[K"


class Keyboard(InputLine, Protocol):
    """Lines, one at a time.

    Attributes:
        prompt: Stands before the line that is typed.
        is_person: Whether somebody is there who can be asked.
    """

    prompt: str
    is_person: bool

    def read(self) -> str:
        """Return the next line, without its end.

        Raises:
            EOFError: there is none.
            KeyboardInterrupt: the person interrupted.
        """
        ...

    def typed(self) -> str:
        """Return what has been typed of the line that `read` waits for."""
        ...

    def begin_with(self, text: str) -> None:
        """Put a text on the line that is read next, to be changed."""
        ...


class TerminalKeyboard:
    """A person at a terminal, who edits the line while things are printed above it."""

    is_person = True

    def __init__(
        self,
        read: Callable[[str], str] = input,
        typed: Callable[[], str] = readline.get_line_buffer,
        out: TextIO | None = None,
    ) -> None:
        """Read from the terminal.

        Args:
            read: Returns a line, after showing a prompt.
            typed: Returns what has been typed of it so far.
            out: Where the prompt is shown; None takes standard output.
        """
        self.prompt = SAY
        self._is_reading = False
        self._beginning = ""
        self._read = read
        self._typed = typed
        self._out = out or sys.stdout

    def read(self) -> str:
        """Return the next line; it can be edited, and earlier ones be brought back."""
        beginning, self._beginning = self._beginning, ""
        readline.set_startup_hook((lambda: readline.insert_text(beginning)) if beginning else None)
        self._is_reading = True
        try:
            return self._read(self.prompt)
        finally:
            self._is_reading = False

    def typed(self) -> str:
        """Return what stands after the prompt."""
        return self._typed() if self._is_reading else ""

    def begin_with(self, text: str) -> None:
        """Keep it for the next line."""
        self._beginning = text

    def hide(self) -> None:
        """Empty the line."""
        if self._is_reading:
            self._out.write(_START_OF_EMPTY_LINE)

    def show(self) -> None:
        """Write the line anew."""
        if self._is_reading:
            self._out.write(self.prompt + self.typed())
            self._out.flush()


class PipeKeyboard(NoInputLine):
    """Lines of a file or another program; nobody is there to be asked."""

    is_person = False
    prompt = ""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    def read(self) -> str:
        """Return the next line."""
        line = self._lines.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")

    def typed(self) -> str:
        """Return nothing: a line comes whole."""
        return ""

    def begin_with(self, _text: str) -> None:
        """Do nothing: nobody changes it."""
