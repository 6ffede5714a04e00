"""A person who types when he has read what he waits for."""

import io
import threading
from collections import deque
from collections.abc import Callable

from tests.support.patience import PATIENCE_SECONDS

Act = str | type[BaseException] | Callable[[], None]
"""A line, an interruption, or something that happens in the world meanwhile."""


class Output(io.StringIO):
    """A screen that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._read_up_to = 0

    def write(self, text: str) -> int:
        """Show a text."""
        with self._changed:
            written = super().write(text)
            self._changed.notify_all()
        return written

    def wait_for(self, text: str) -> None:
        """Wait until `text` appears after what was waited for before."""
        with self._changed:
            came = self._changed.wait_for(lambda: text in self.getvalue()[self._read_up_to :], PATIENCE_SECONDS)
            assert came, (
                f"{text!r} did not appear after {self.getvalue()[: self._read_up_to][-200:]!r}: {self.getvalue()}"
            )
            self._read_up_to = self.getvalue().index(text, self._read_up_to) + len(text)


class ScriptedKeyboard:
    """Types a script: pairs of what to wait for and what to do then; at its end there are no more lines.

    Attributes:
        half_typed: What stands on the line.
        prompts: What stood before each act.
        begun: What was put on a line to be changed.
    """

    def __init__(self, output: Output, *script: tuple[str, Act], is_person: bool = True) -> None:
        self.prompt = "you> "
        self.prompts: list[str] = []
        self.is_person = is_person
        self.half_typed = ""
        self.begun: list[str] = []
        self._output = output
        self._script = deque(script)

    def read(self) -> str:
        """Return the next line of the script."""
        while self._script:
            awaited, act = self._script.popleft()
            self._output.wait_for(awaited)
            self.prompts.append(self.prompt)
            if isinstance(act, str):
                return act
            if isinstance(act, type):
                raise act
            act()
        raise EOFError

    def typed(self) -> str:
        """Return what stands on the line."""
        return self.half_typed

    def begin_with(self, text: str) -> None:
        """Remember what stands on the next line."""
        self.begun.append(text)

    def hide(self) -> None:
        """Do nothing."""

    def show(self) -> None:
        """Do nothing."""
