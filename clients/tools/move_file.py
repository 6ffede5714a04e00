"""The tool `move_file`."""

from pathlib import Path
from typing import Any

from clients.backups import changeable
from clients.folder import Folder
from clients.spots import spot
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused
from clients.tools.tool import Proposal


class MoveFile:
    """Moves or renames a file, a link or a folder to a name that is free: nothing is replaced."""

    name = "move_file"
    narrowing = "move one file"

    def run(self, folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{source, destination}`."""
        source, destination = _read(folder, arguments)
        with spot(folder, source) as here, spot(folder, destination) as there:
            try:
                here.move_to(there)
            except FileExistsError as error:
                raise _taken(there.shown) from error
        return {"source": here.shown, "destination": there.shown}

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Name both ends."""
        source, destination = _read(folder, arguments)
        with spot(folder, source), spot(folder, destination) as there:
            if there.status() is not None:
                raise _taken(there.shown)
        return Proposal(f"Move `{folder.name_of(source)}` to `{folder.name_of(destination)}`.")


def _read(folder: Folder, arguments: Arguments) -> tuple[Path, Path]:
    source = arguments.text("source")
    destination = arguments.text("destination")
    arguments.finish()
    here = changeable(folder, folder.locate_name(source))
    there = changeable(folder, folder.locate_name(destination))
    with spot(folder, here) as found:
        if found.status() is None:
            raise ToolRefused(f"`{found.shown}` does not exist.")
    if there.is_relative_to(here):
        raise ToolRefused(f"`{folder.name_of(there)}` lies inside what is to be moved, or is the same.")
    return here, there


def _taken(shown: str) -> ToolRefused:
    return ToolRefused(f"`{shown}` exists already and is not replaced; delete it first, or name another destination.")
