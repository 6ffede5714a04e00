"""The tool `write_file`."""

import difflib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.backups import Backups, changeable
from clients.folder import MAX_FILE_BYTES, Folder, lines_of, read_file_bytes
from clients.spots import Spot, check_way, spot
from clients.tools.arguments import Arguments
from clients.tools.encodings import decoded, encoded
from clients.tools.outcome import ToolRefused
from clients.tools.tool import Proposal

_MAX_COMPARED_LINES = 20_000  # comparing takes time that grows with the square of this at worst


@dataclass(frozen=True)
class _Wanted:
    real: Path
    text: str
    content: bytes
    encoding: str
    creates_folders: bool
    keeps_old: bool


class WriteFile:
    """Writes a text file, whole or not at all; what it held before is kept."""

    name = "write_file"
    narrowing = "write a smaller file"

    def __init__(self, backups: Backups | None = None) -> None:
        """Keep what is replaced in `backups`; None takes the usual ones."""
        self._backups = backups or Backups()

    def run(self, folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{path, bytes, is_new, backup}`; `backup` is where the old content is, None when there was none.

        The text is written exactly as given, line ends included, and keeps the permissions of a file it replaces.
        """
        wanted = _read(folder, arguments)
        with spot(folder, wanted.real, makes_folders=wanted.creates_folders) as target:
            permissions = _permissions(target)
            backup = self._keep(folder, wanted, target) if permissions is not None and wanted.keeps_old else None
            target.write(wanted.content, permissions=permissions)
        return {
            "path": target.shown,
            "bytes": len(wanted.content),
            "is_new": permissions is None,
            "backup": backup,
        }

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Return the difference to what the file holds now."""
        wanted = _read(folder, arguments)
        name = folder.name_of(wanted.real)
        if not wanted.real.exists():
            check_way(folder, wanted.real)
            if not wanted.creates_folders:
                with spot(folder, wanted.real):
                    pass  # refuses when the folder is missing
            return Proposal(f"Create the file `{name}`.", _diff("", wanted.text, name), is_diff=True)
        with spot(folder, wanted.real) as target:
            _permissions(target)
        without = "" if wanted.keeps_old else " without keeping the old content"
        try:
            old = decoded(read_file_bytes(wanted.real), wanted.encoding)
        except ToolRefused:
            size = wanted.real.stat().st_size
            details = f"It holds {size} bytes that cannot be shown as text. The new content:\n{wanted.text}"
            return Proposal(f"Replace the file `{name}`{without}.", details)
        if old == wanted.text:
            return Proposal(f"Write the file `{name}` as it is: nothing in it changes.")
        if old.count("\n") + wanted.text.count("\n") > _MAX_COMPARED_LINES:
            details = f"It is too large to be compared. The new content:\n{wanted.text}"
            return Proposal(f"Replace the file `{name}`{without}.", details)
        return Proposal(f"Change the file `{name}`{without}.", _diff(old, wanted.text, name), is_diff=True)

    def _keep(self, folder: Folder, wanted: _Wanted, target: Spot) -> str:
        with self._backups.place(folder, wanted.real) as kept:
            target.copy_to(kept)
        return kept.shown


def _read(folder: Folder, arguments: Arguments) -> _Wanted:
    path = arguments.text("path")
    text = arguments.text("content")
    encoding = arguments.text("encoding", "utf-8")
    creates_folders = arguments.flag("create_dirs")
    keeps_old = arguments.flag("backup", default=True)
    arguments.finish()
    real = changeable(folder, folder.locate(path))
    content = encoded(text, encoding)
    if len(content) > MAX_FILE_BYTES:
        raise ToolRefused(f"The content is larger than {MAX_FILE_BYTES // 1024 // 1024} MB, the most that is written.")
    return _Wanted(real, text, content, encoding, creates_folders, keeps_old)


def _permissions(target: Spot) -> int | None:
    """Return the mode bits of the file there, None when there is none."""
    found = target.status()
    if found is None:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise ToolRefused(f"`{target.shown}` is a folder; name a file.")
    if not stat.S_ISREG(found.st_mode):
        raise ToolRefused(f"`{target.shown}` is not a regular file.")
    permissions = stat.S_IMODE(found.st_mode)
    if not permissions & 0o222:
        # Replacing a file needs no permission on it, so the person's wish is asked for here.
        raise ToolRefused(f"`{target.shown}` is write-protected.")
    return permissions


def _diff(old: str, new: str, name: str) -> str:
    before, after = lines_of(old), lines_of(new)
    found = difflib.unified_diff(before, after, f"a/{name}" if old else "/dev/null", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)
