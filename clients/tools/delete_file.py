"""The tool `delete_file`."""

import os
import stat
from pathlib import Path
from typing import Any

from clients.backups import Backups, changeable
from clients.folder import Folder
from clients.spots import Spot, spot
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused
from clients.tools.tool import Proposal


class DeleteFile:
    """Removes a file, a link (not what it leads to) or an empty folder; a file is kept among the backups."""

    name = "delete_file"
    narrowing = "delete one file"

    def __init__(self, backups: Backups | None = None) -> None:
        """Keep what is deleted in `backups`; None takes the usual ones."""
        self._backups = backups or Backups()

    def run(self, folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{path, backup}`; `backup` is where the file is now, None for a folder."""
        real = _read(folder, arguments)
        with spot(folder, real) as target:
            if stat.S_ISDIR(_found(target).st_mode):
                _check_empty(target)
                target.remove_folder()
                return {"path": target.shown, "backup": None}
            with self._backups.place(folder, real) as kept:
                target.move_to(kept)
        return {"path": target.shown, "backup": kept.shown}

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Name what goes, and how large it is."""
        real = _read(folder, arguments)
        with spot(folder, real) as target:
            found = _found(target)
            if stat.S_ISDIR(found.st_mode):
                _check_empty(target)
                return Proposal(f"Delete the empty folder `{target.shown}`.")
            if stat.S_ISLNK(found.st_mode):
                return Proposal(f"Delete the link `{target.shown}`, not what it leads to.")
        return Proposal(f"Delete the file `{target.shown}` ({found.st_size} bytes); a backup is kept.")


def _read(folder: Folder, arguments: Arguments) -> Path:
    path = arguments.text("path")
    arguments.finish()
    return changeable(folder, folder.locate_name(path))


def _found(target: Spot) -> os.stat_result:
    found = target.status()
    if found is None:
        raise ToolRefused(f"`{target.shown}` does not exist.")
    return found


def _check_empty(target: Spot) -> None:
    if not target.is_empty_folder():
        raise ToolRefused(f"The folder `{target.shown}` is not empty; delete what it holds first.")
