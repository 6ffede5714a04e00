"""The tool `create_directory`."""

import stat
from pathlib import Path
from typing import Any

from clients.backups import changeable
from clients.folder import Folder
from clients.spots import Spot, check_way, spot
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused
from clients.tools.tool import Proposal


class CreateDirectory:
    """Makes a folder."""

    name = "create_directory"
    narrowing = "make one folder"

    def run(self, folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{path, is_new}`; a folder that is there already is fine unless `recursive` is false."""
        real, is_recursive = _read(folder, arguments)
        with spot(folder, real, makes_folders=is_recursive) as target:
            is_new = _is_free(target, is_recursive=is_recursive)
            if is_new:
                target.make_folder()
        return {"path": target.shown, "is_new": is_new}

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Name the folder."""
        real, is_recursive = _read(folder, arguments)
        is_deep = is_recursive and not real.parent.exists()
        if is_deep:
            check_way(folder, real)
        else:
            with spot(folder, real) as target:
                _is_free(target, is_recursive=is_recursive)
        with_parents = ", and those above it that are missing" if is_deep else ""
        return Proposal(f"Create the folder `{folder.name_of(real)}`{with_parents}.")


def _read(folder: Folder, arguments: Arguments) -> tuple[Path, bool]:
    path = arguments.text("path")
    is_recursive = arguments.flag("recursive", default=True)
    arguments.finish()
    return changeable(folder, folder.locate(path)), is_recursive


def _is_free(target: Spot, *, is_recursive: bool) -> bool:
    """Return whether a folder can be made there, false when it is there and may be."""
    found = target.status()
    if found is None:
        return True
    if not is_recursive or not stat.S_ISDIR(found.st_mode):
        raise ToolRefused(f"`{target.shown}` exists already.")
    return False
