"""Progress lines: what is being done, for how long already, and how it ended."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

TERMINAL_INTERVAL_SECONDS = 0.2
LOG_INTERVAL_SECONDS = 10.0


class Step:
    """One piece of work that is being shown while it runs.

    On a terminal the line is rewritten with the time so far; in a log it is repeated every ten seconds. Only the
    standard library is used, because the bootstrap shows its steps before any package is installed.

    Args:
        title: What is done, in the imperative.
        stream: Where to write; it is asked whether it is a terminal.
    """

    def __init__(self, title: str, stream: TextIO) -> None:
        self.note = ""
        """What to add to the closing line; set it from inside the step."""
        self._title = title
        self._stream = stream
        self._live = stream.isatty()
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)

    def start(self) -> None:
        """Show the step as running."""
        self._show("…", "" if self._live else "\n")
        self._ticker.start()

    def end(self, mark: str) -> None:
        """Show how the step ended and the time that it took."""
        self._ended.set()
        self._ticker.join()
        note = f", {self.note}" if self.note else ""
        self._show(mark, f" {self._seconds():.1f} s{note}\n")

    def _tick(self) -> None:
        interval = TERMINAL_INTERVAL_SECONDS if self._live else LOG_INTERVAL_SECONDS
        while not self._ended.wait(interval):
            self._show("…", f" {self._seconds():.0f} s" + ("" if self._live else "\n"))

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _show(self, mark: str, rest: str) -> None:
        start = "\r\x1b[K" if self._live else ""
        self._stream.write(f"{start}  {mark} {self._title}{rest}")
        self._stream.flush()


@contextmanager
def step(title: str, stream: TextIO | None = None) -> Iterator[Step]:
    """Show a piece of work while it runs.

    Args:
        title: What is done, in the imperative.
        stream: Where to write; standard error when None.

    Yields:
        The step, to leave a note on its closing line.
    """
    current = Step(title, sys.stderr if stream is None else stream)
    current.start()
    try:
        yield current
    except BaseException:
        current.end("✗")
        raise
    current.end("✓")
