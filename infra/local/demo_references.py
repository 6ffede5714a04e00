"""Whether an answer points at lines that exist and say something."""

import re
from dataclasses import dataclass

from clients.folder import Folder, lines_of, read_file_bytes
from clients.tools.outcome import ToolRefused

# A path with a suffix, then a line: `a/b.py:7`, or `a/b.py`, line 7. What follows a slash, colon or word character is
# the middle of something else, say of an address.
_REFERENCE = re.compile(
    r"(?<![\w/:.@-])(?P<path>[\w.@-]+(?:/[\w.@-]+)*\.\w+)(?::|`?,? lines? )(?P<line>[1-9]\d{0,6})(?!\w)"
)


@dataclass(frozen=True)
class Reference:
    """A `path:line` in an answer, and what stands there; None when there is no such line or nothing on it."""

    path: str
    line: int
    text: str | None


def references(answer: str, folder: Folder) -> tuple[Reference, ...]:
    """Return every different `path:line` of an answer in its order.

    Quoted code may hold what only looks like a reference (`127.0.0.1:80`): without a folder in its path, a name counts
    only if there is such a file.
    """
    found = dict.fromkeys((match["path"], int(match["line"])) for match in _REFERENCE.finditer(answer))
    judged = (Reference(path, line, _text_at(folder, path, line)) for path, line in found)
    return tuple(one for one in judged if one.text is not None or "/" in one.path or _exists(folder, one.path))


def _exists(folder: Folder, path: str) -> bool:
    try:
        return folder.existing(path).is_file()
    except ToolRefused:
        return False


def _text_at(folder: Folder, path: str, line: int) -> str | None:
    try:
        lines = lines_of(read_file_bytes(folder.existing(path)).decode("utf-8", "replace"))
    except (ToolRefused, OSError):
        return None
    return lines[line - 1].strip() or None if line <= len(lines) else None
