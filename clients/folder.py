"""The one folder that tools may touch."""

import os
import stat
from pathlib import Path

from clients.tools.outcome import ToolRefused

MAX_FILE_BYTES = 10 * 1024 * 1024
_SNIFFED_BYTES = 8192
# Neither follow a link that was put there after the check, nor wait for a writer of a pipe. Windows has neither flag.
_SAFE_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Folder:
    """A folder, and the promise that no path leads out of it.

    Attributes:
        root: Its real path.
    """

    def __init__(self, root: Path) -> None:
        """Open the folder.

        Raises:
            OSError: it does not exist or is not a folder.
        """
        self.root = root.resolve(strict=True)
        if not self.root.is_dir():
            raise NotADirectoryError(f"{root} is not a folder")

    def locate(self, path: str) -> Path:
        """Return the real path that `path` names, existing or not.

        Links are followed as far as they exist; what they lead to must lie inside.

        Raises:
            ToolRefused: empty, absolute, with `..`, or leading out of the folder.
        """
        self._checked(path)
        try:
            real = (self.root / path).resolve()
        except (OSError, RuntimeError) as error:  # 3.11 tells a loop of links as RuntimeError
            raise ToolRefused(f"`{path}` cannot be followed: a loop of links, or too long.") from error
        if not self.contains(real):
            raise ToolRefused(f"`{path}` leads out of the folder; only what lies inside can be used.")
        return real

    def locate_name(self, path: str) -> Path:
        """Return the real path of the name itself: as `locate`, but a link at its end is not followed.

        Raises:
            ToolRefused: as `locate`.
        """
        self._checked(path)
        given = Path(path)
        return self.locate(str(given.parent)) / given.name if given.name else self.root

    def contains(self, real: Path) -> bool:
        """Return whether a real path (links resolved) lies inside, the folder itself included."""
        return real.is_relative_to(self.root)

    def existing(self, path: str) -> Path:
        """Return `locate(path)` of something that exists.

        Raises:
            ToolRefused: as `locate`, or nothing is there.
        """
        real = self.locate(path)
        if not real.exists():
            raise ToolRefused(f"`{path}` does not exist.")
        return real

    def name_of(self, real: Path) -> str:
        """Return the path of something inside as tools tell it: relative, with forward slashes."""
        return real.relative_to(self.root).as_posix()

    def _checked(self, path: str) -> None:
        if not path or not is_encodable(path):
            raise ToolRefused("A path must be a text such as `src/main.py`, or `.` for the folder itself.")
        given = Path(path)
        if given.is_absolute() or given.anchor:
            raise ToolRefused(f"`{path}` is absolute; give a path relative to the folder.")
        if ".." in given.parts:
            raise ToolRefused(f"`{path}` contains `..`; give a path inside the folder.")


def is_encodable(text: str) -> bool:
    """Return whether the operating system can be told this text; half a character, which JSON can carry, it cannot."""
    try:
        os.fsencode(text)
    except UnicodeError:
        return False
    return "\0" not in text


def read_file_bytes(real: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        ToolRefused: a folder, device or pipe, or larger than `MAX_FILE_BYTES`.
        OSError: it cannot be opened or read.
    """
    if real.is_dir():
        raise ToolRefused("This is a folder; use list_files.")
    descriptor = os.open(real, _SAFE_OPEN)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ToolRefused("This is not a regular file.")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ToolRefused(f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB, the most that is read.")
    return content


def looks_binary(content: bytes) -> bool:
    """Return whether the first 8 KB hold a zero byte, which no text in an ASCII-based encoding does."""
    return b"\0" in content[:_SNIFFED_BYTES]


def lines_of(text: str) -> list[str]:
    r"""Split into lines with their ends, at `\n` only, so that numbers agree with editors and compilers.

    `str.splitlines` would also split at form feeds and Unicode separators.

    >>> lines_of("a\r\nb\x0cc\n")
    ['a\r\n', 'b\x0cc\n']
    """
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
