"""One line on how a call ended, for people."""

from typing import Any

from clients.tools.outcome import Outcome, ToolFailed

_NAMES_SHOWN = 4


def summarise(tool: str, outcome: Outcome) -> str:
    r"""Return what came of a call, in a few words about the real result.

    >>> from clients.tools.outcome import ToolDone
    >>> summarise("read_file", ToolDone("one\ntwo\n"))
    '2 lines, 8 characters'
    >>> summarise("list_files", ToolDone(["a.py", "b/"]))
    '2 entries: a.py, b/'
    >>> summarise("search_in_code", ToolDone([{"path": "a.py", "line": 3, "text": "x = 1"}]))
    '1 hit in 1 file, first a.py:3: x = 1'
    """
    if isinstance(outcome, ToolFailed):
        return f"failed: {outcome.error}"
    result = outcome.result
    if isinstance(result, str):
        lines = result.count("\n") + (0 if result.endswith("\n") or not result else 1)
        return f"{_counted(lines, 'line')}, {_counted(len(result), 'character')}"
    if isinstance(result, list):
        return _of_hits(result) if tool == "search_in_code" else _of_names(result)
    if isinstance(result, dict):
        return _of_command(result) if tool == "execute_command" else _of_change(result)
    return "done"


def _of_names(names: list[Any]) -> str:
    if not names:
        return "nothing there"
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    counted = _counted(len(names), "entry", "entries")
    return f"{counted}: {', '.join(str(name) for name in names[:_NAMES_SHOWN])}{more}"


def _of_hits(hits: list[Any]) -> str:
    if not hits:
        return "no hit"
    files = len({hit["path"] for hit in hits})
    first = hits[0]
    where = f"first {first['path']}:{first['line']}: {str(first['text']).strip()}"
    return f"{_counted(len(hits), 'hit')} in {_counted(files, 'file')}, {where}"


def _of_command(result: dict[str, Any]) -> str:
    end = "out of time" if result["timed_out"] else f"exit code {result['exit_code']}"
    printed = f"{result['stdout']}{result['stderr']}".strip()
    cut = ", cut" if result["truncated"] else ""
    return f"{end}, {_counted(len(printed.splitlines()), 'line')} printed{cut}"


def _of_change(result: dict[str, Any]) -> str:
    backup = result.get("backup")
    return f"done, the old content is {backup}" if backup else "done"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
