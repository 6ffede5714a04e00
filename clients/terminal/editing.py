"""Arguments, changed by the person in his editor."""

import json
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from clients.views import JsonObject


class EditFailed(Exception):  # noqa: N818  # names the outcome, not a defect
    """Nothing usable came of it; the text says why."""


class Editor:
    """The program that the person's environment names, if it does."""

    def __init__(self, environment: Mapping[str, str], *, out: int | None = None) -> None:
        """Take `VISUAL`, then `EDITOR`.

        Args:
            environment: The person's.
            out: Descriptor of the terminal, for a program whose own output goes elsewhere; None takes our output.
        """
        self._words = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
        self._out = out

    @property
    def is_there(self) -> bool:
        """Whether there is one; without it a line has to do."""
        return bool(self._words)

    def edit(self, text: str) -> str:
        """Return the text as it is when the person leaves the editor.

        Raises:
            EditFailed: the editor did not start, or says that it failed.
        """
        with tempfile.TemporaryDirectory(prefix="agent-runtime-") as folder:
            path = Path(folder) / "arguments.json"
            path.write_text(text, encoding="utf-8")
            try:
                code = self._run([*self._words, os.fspath(path)])
                if code != 0:
                    raise EditFailed(f"The editor ended with exit code {code}.")
                return path.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as error:
                raise EditFailed(f"`{self._words[0]}` cannot be used as an editor.") from error

    def _run(self, words: list[str]) -> int:
        process = subprocess.Popen(words, stdout=self._out)
        # Ctrl-C belongs to the editor while it has the terminal, as with git.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, before)


def as_text(arguments: JsonObject, *, is_one_line: bool = False) -> str:
    """Return arguments for a person to change."""
    return json.dumps(dict(arguments), ensure_ascii=False, indent=None if is_one_line else 2)


def parsed(text: str) -> JsonObject:
    """Return the arguments that a text is.

    Raises:
        EditFailed: it is none.

    >>> parsed('{"path": "a.py"}')
    {'path': 'a.py'}
    """
    try:
        arguments = json.loads(text)
    except ValueError as error:
        raise EditFailed(f"That is not JSON: {error}.") from error
    if not isinstance(arguments, dict):
        raise EditFailed("Arguments are a JSON object, in braces.")
    return arguments
