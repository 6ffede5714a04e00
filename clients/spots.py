"""Changing what lies inside a folder, safe against links that appear after a path was checked.

`Folder.locate` says where a path leads at that moment; a command that runs meanwhile may put a link in its way. So
changes go through open folders: each one from the root down is opened relative to the one before and never through a
link, and what happens happens relative to the last (`openat`, `renameat`, `unlinkat`). Needs POSIX.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clients.folder import Folder
from clients.tools.outcome import ToolRefused

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Spot:
    """A name in an open folder, taken or free. Links are never followed: a link at the name is what is meant.

    Attributes:
        parent: Descriptor of the folder.
        name: Within that folder.
        shown: Its path as tools tell it.
    """

    def __init__(self, parent: int, name: str, shown: str) -> None:
        self.parent = parent
        self.name = name
        self.shown = shown

    def status(self) -> os.stat_result | None:
        """Return what is there, None when nothing is."""
        try:
            return os.stat(self.name, dir_fd=self.parent, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def write(self, content: bytes, *, permissions: int | None) -> None:
        """Put a file there, whole or not at all, in place of whatever there was.

        Args:
            content: All of it.
            permissions: Bits of the file's mode; None takes what the person's umask leaves.
        """
        partial = f".agent-runtime-{secrets.token_hex(8)}.partial"
        descriptor = os.open(partial, _NEW, 0o666, dir_fd=self.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if permissions is not None:
                    os.fchmod(descriptor, permissions)
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            os.replace(partial, self.name, src_dir_fd=self.parent, dst_dir_fd=self.parent)
        except BaseException:
            os.unlink(partial, dir_fd=self.parent)
            raise

    def copy_to(self, other: "Spot") -> None:
        """Copy the regular file there to a spot that is free."""
        with os.fdopen(os.open(self.name, _OLD, dir_fd=self.parent), "rb") as source:
            permissions = stat.S_IMODE(os.fstat(source.fileno()).st_mode)
            descriptor = os.open(other.name, _NEW, 0o600, dir_fd=other.parent)
            with os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(source, target)
                os.fchmod(descriptor, permissions)

    def move_to(self, other: "Spot") -> None:
        """Move what is there, link, file or folder, to a spot that is free; nothing is ever replaced.

        Raises:
            FileExistsError: the other spot is taken.
            OSError: it cannot be moved there, say into itself or to another file system.
        """
        found = os.stat(self.name, dir_fd=self.parent, follow_symlinks=False)
        # Taking the name first leaves no moment in which somebody else's file could be written over.
        if stat.S_ISDIR(found.st_mode):
            other.make_folder()
            give_back = other.remove_folder
        else:
            os.close(os.open(other.name, _NEW, 0o600, dir_fd=other.parent))
            give_back = other.remove_file
        try:
            os.rename(self.name, other.name, src_dir_fd=self.parent, dst_dir_fd=other.parent)
        except OSError:
            give_back()
            raise

    def make_folder(self) -> None:
        """Make a folder there.

        Raises:
            FileExistsError: the spot is taken.
        """
        os.mkdir(self.name, dir_fd=self.parent)

    def is_empty_folder(self) -> bool:
        """Return whether the folder there holds nothing."""
        descriptor = os.open(self.name, _FOLDER, dir_fd=self.parent)
        try:
            return not os.listdir(descriptor)  # noqa: PTH208  # a descriptor is no path
        finally:
            os.close(descriptor)

    def remove_folder(self) -> None:
        """Remove the folder there.

        Raises:
            OSError: it is not empty, or no folder.
        """
        os.rmdir(self.name, dir_fd=self.parent)

    def remove_file(self) -> None:
        """Remove the file or link there."""
        os.unlink(self.name, dir_fd=self.parent)


@contextmanager
def spot(folder: Folder, real: Path, *, makes_folders: bool = False) -> Iterator[Spot]:
    """Open the folder that holds `real`, for as long as the spot is used.

    Args:
        folder: Inside which it lies.
        real: As `Folder.locate` or `Folder.locate_name` returns it; not the root itself.
        makes_folders: Whether missing folders on the way are made.

    Raises:
        ToolRefused: a folder on the way is missing, or no folder, or a link since the path was checked.
    """
    *parents, name = real.relative_to(folder.root).parts
    parent = os.open(folder.root, _FOLDER)
    try:
        for depth, step in enumerate(parents, 1):
            shown = "/".join(parents[:depth])
            child = _open_folder(step, parent, shown, makes_it=makes_folders)
            os.close(parent)
            parent = child
        yield Spot(parent, name, folder.name_of(real))
    finally:
        os.close(parent)


def check_way(folder: Folder, real: Path) -> None:
    """Refuse what `spot` would refuse even if missing folders were made.

    Raises:
        ToolRefused: something on the way is there and no folder.
    """
    nearest = next(parent for parent in real.parents if parent.exists())
    if not nearest.is_dir():
        raise ToolRefused(f"`{folder.name_of(nearest)}` is not a folder.")


def _open_folder(name: str, parent: int, shown: str, *, makes_it: bool) -> int:
    if makes_it:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError as error:
        raise ToolRefused(f"The folder `{shown}` does not exist; create it first.") from error
    except NotADirectoryError as error:
        raise ToolRefused(f"`{shown}` is not a folder.") from error
