"""Client tools, executed inside one folder."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from clients.folder import Folder
from clients.tools.arguments import Arguments
from clients.tools.create_directory import CreateDirectory
from clients.tools.delete_file import DeleteFile
from clients.tools.list_files import ListFiles
from clients.tools.move_file import MoveFile
from clients.tools.outcome import Outcome, ToolDone, ToolFailed, ToolRefused
from clients.tools.read_file import ReadFile
from clients.tools.search_tool import SearchInCode
from clients.tools.tool import ChangingTool, Proposal, Tool
from clients.tools.write_file import WriteFile

Answer = TypeVar("Answer")

MAX_RESULT_BYTES = 1024 * 1024
_MAX_ERROR = 2000


def reading_tools() -> tuple[Tool, ...]:
    """Return the tools that change nothing."""
    return (ReadFile(), ListFiles(), SearchInCode())


def changing_tools() -> tuple[ChangingTool, ...]:
    """Return the tools that change files; `ExecuteCommand` needs an environment and is made by whoever has one."""
    return (WriteFile(), CreateDirectory(), DeleteFile(), MoveFile())


class Workspace:
    """A registry of tools over one folder.

    Whatever a call asks for, nothing outside the folder is read, and the answer is an outcome: a refusal or a failure
    of the file system is told to the model, not raised.
    """

    def __init__(self, root: Path, tools: Iterable[Tool] | None = None) -> None:
        """Open the folder `root` for `tools`; None takes those that change nothing.

        Raises:
            OSError: `root` is not a folder.
            ValueError: two tools have one name.
        """
        self._folder = Folder(root)
        self._tools: dict[str, Tool] = {}
        for tool in reading_tools() if tools is None else tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are named {tool.name}")
            self._tools[tool.name] = tool

    @property
    def folder(self) -> Folder:
        """The folder."""
        return self._folder

    def propose(self, tool: str, arguments: Mapping[str, Any]) -> Proposal | ToolFailed | None:
        """Say what a call would do, without doing it.

        Returns:
            The proposal; None when the call changes nothing; an error, as `execute` would return it, when it cannot be
            carried out.
        """
        found = self._tools.get(tool)
        if not isinstance(found, ChangingTool):
            return None
        return _told(partial(found.propose, self._folder, Arguments(arguments)))

    def execute(self, tool: str, arguments: Mapping[str, Any]) -> Outcome:
        """Run one call.

        Returns:
            The result, at most 1 MB as JSON and free of anything JSON text cannot carry; or an error of at most 2 000
            characters, without a path of this machine.
        """
        found = self._tools.get(tool)
        if found is None:
            return _failed(f"This client has no tool `{tool}`; it has {', '.join(sorted(self._tools))}.")
        result = _told(partial(found.run, self._folder, Arguments(arguments)))
        if isinstance(result, ToolFailed):
            return result
        result = _sendable(result)
        size = len(json.dumps(result, ensure_ascii=False).encode())
        if size > MAX_RESULT_BYTES:
            return _failed(f"The result is {size / 1024 / 1024:.1f} MB, more than 1 MB; {found.narrowing}.")
        return ToolDone(result)


def _told(act: Callable[[], Answer]) -> Answer | ToolFailed:
    """Return what `act` returns, or the error the model is to read."""
    try:
        return act()
    except ToolRefused as refusal:
        return _failed(str(refusal))
    except OSError as error:
        # str(error) would name the path on this machine.
        return _failed(f"{error.strerror or 'The file system refused'}.")


def _failed(error: str) -> ToolFailed:
    text = _sendable(error)
    return ToolFailed(text if len(text) <= _MAX_ERROR else text[: _MAX_ERROR - 1] + "…")


def _sendable(value: Any) -> Any:
    """Replace lone surrogates, which JSON cannot carry; file names outside UTF-8 and odd encodings bring them."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_sendable(one) for one in value]
    if isinstance(value, dict):
        return {_sendable(name): _sendable(one) for name, one in value.items()}
    return value
