"""What a change would destroy is kept first, inside the folder itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from clients.folder import Folder
from clients.spots import Spot, spot
from clients.tools.outcome import ToolRefused

STATE_FOLDER = ".agent-runtime"
"""Ours inside the folder; it ignores itself for git, and no tool but a command may change it."""

_BACKUPS = "backups"


def _now() -> datetime:
    return datetime.now(UTC)


class Backups:
    """Keeps files under `.agent-runtime/backups/<time>/<their path>`, one time for each change.

    Nothing is ever removed there: the person does, when he likes.
    """

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        """Name backups by the time `now` tells."""
        self._now = now

    @contextmanager
    def place(self, folder: Folder, real: Path) -> Iterator[Spot]:
        """Yield a free spot for what lies at `real` now."""
        state = folder.root / STATE_FOLDER
        ignore = state / ".gitignore"
        with spot(folder, ignore, makes_folders=True) as ignoring:
            if ignoring.status() is None:
                ignoring.write(b"*\n", permissions=None)
        kept = self._folder_of_its_own(folder, state / _BACKUPS)
        with spot(folder, kept / real.relative_to(folder.root), makes_folders=True) as free:
            yield free

    def _folder_of_its_own(self, folder: Folder, backups: Path) -> Path:
        moment = self._now().strftime("%Y%m%dT%H%M%S.%fZ")
        for number in count():
            kept = backups / (f"{moment}-{number}" if number else moment)
            with suppress(FileExistsError), spot(folder, kept, makes_folders=True) as one:
                one.make_folder()
                return kept
        raise AssertionError("counting has no end")  # pragma: no cover


def changeable(folder: Folder, real: Path) -> Path:
    """Return `real` if a tool may change it.

    Raises:
        ToolRefused: it is the folder itself, or lies where backups are kept.
    """
    if real == folder.root:
        raise ToolRefused("This is the folder itself; only what lies inside can be changed.")
    # Some file systems take names for equal that differ in case.
    if real.relative_to(folder.root).parts[0].casefold() == STATE_FOLDER:
        raise ToolRefused(f"`{STATE_FOLDER}` holds the backups and is not to be changed.")
    return real
