"""What an operator sees: tables for people, JSON for programs, and how far it is."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from clients.terminal.visible import visible
from infra.operations.letters import Letter

FILE_WIDTH = 400
"""A file has no width: nothing is cut."""


def letter_row(letter: Letter) -> dict[str, Any]:
    """Return what is told of a letter, by name; nothing of what anybody said."""
    about = letter.about
    return {
        "kind": letter.end.kind,
        "id": letter.id,
        "what": about.what,
        "session": about.session_id,
        "turn": about.turn,
        "seq": about.seq,
        "code": about.code,
        "first_seen": f"{letter.first_seen:%Y-%m-%dT%H:%M:%SZ}",
        "receives": letter.receives,
        "user": about.user,
        "correlation_id": about.correlation_id,
    }


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print(json.dumps(value, default=_plain))


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows with the same names as a table."""
    if not rows:
        return
    table = Table(*(name.replace("_", " ") for name in rows[0]), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    console = Console(highlight=False)
    (console if console.is_terminal else Console(highlight=False, file=sys.stdout, width=FILE_WIDTH)).print(table)


def complain(sentence: str) -> None:
    """Print what went wrong on standard error."""
    Console(stderr=True, highlight=False).print(Text(visible(sentence), style="red"), soft_wrap=True)


@contextmanager
def progress_bar(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far something is; yields what is told of each step forward.

    Args:
        title: What is being done.
        total: Steps in all; None when nobody knows.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps: bar.advance(task, steps)


def _cell(value: Any) -> Text:
    return Text("–" if value is None else visible(str(value)), no_wrap=False)


def _plain(value: Any) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)
