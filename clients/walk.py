"""Walking through a folder in path order, leaving out what no person wrote."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clients.folder import Folder
from clients.tools.outcome import ToolRefused

MAX_ENTRIES = 200_000
_GENERATED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".cache",
        "__pycache__",
        "node_modules",
        "site-packages",
    }
)
# What marks a virtualenv (PEP 405) and a cache (the Cache Directory Tagging Specification) whatever their names.
_MARKERS = ("pyvenv.cfg", "CACHEDIR.TAG")


@dataclass(frozen=True)
class Entry:
    """Something met on the way.

    Attributes:
        real: Where it lies.
        below_start: Its path from where the walk began, with forward slashes and one at the end of a folder.
        is_folder: Whether it is one, or a link to one.
        is_link: Whether it is a link; its target lies inside the folder too.
        is_entered: Whether the walk goes on inside it.
    """

    real: Path
    below_start: str
    is_folder: bool
    is_link: bool
    is_entered: bool


def walk(
    folder: Folder, start: Path, *, is_recursive: bool, include_hidden: bool, max_entries: int = MAX_ENTRIES
) -> Iterator[Entry]:
    """Yield what lies below `start`, in the order of `below_start`.

    Without `include_hidden`, names that begin with a dot and generated folders (`.git`, virtualenvs, `node_modules`,
    caches) are passed over. With it they are yielded, but generated folders are still not entered: thousands of files
    that nobody asked for would hide the rest. `start` itself is walked whatever it is. Links to folders are not
    entered, links out of the folder not even yielded.

    Raises:
        ToolRefused: more than `max_entries` were met.
        OSError: `start` cannot be listed; a folder below that cannot is taken as empty.
    """
    stack = [iter(_children(folder, start, "", is_recursive=is_recursive, include_hidden=include_hidden))]
    met = 0
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        met += 1
        if met > max_entries:
            raise ToolRefused(f"There are more than {max_entries} files and folders; name a smaller folder as `path`.")
        yield entry
        if entry.is_entered:
            try:
                below = _children(
                    folder, entry.real, entry.below_start, is_recursive=True, include_hidden=include_hidden
                )
            except OSError:
                continue  # not ours to read, or gone since
            stack.append(iter(below))


def _children(folder: Folder, parent: Path, prefix: str, *, is_recursive: bool, include_hidden: bool) -> list[Entry]:
    entries: list[Entry] = []
    with os.scandir(parent) as found:
        for child in found:
            if child.name.startswith(".") and not include_hidden:
                continue
            real = Path(child.path)
            is_link = child.is_symlink()
            if is_link and not _leads_inside(folder, real):
                continue
            is_folder = child.is_dir()
            is_generated = is_folder and not is_link and _is_generated(real)
            if is_generated and not include_hidden:
                continue
            entries.append(
                Entry(
                    real=real,
                    below_start=f"{prefix}{child.name}{'/' if is_folder else ''}",
                    is_folder=is_folder,
                    is_link=is_link,
                    is_entered=is_recursive and is_folder and not is_link and not is_generated,
                )
            )
    # With the slash in the key, depth first is the order of the whole paths: `a.py` comes before `a/b`.
    return sorted(entries, key=lambda entry: entry.below_start)


def _leads_inside(folder: Folder, link: Path) -> bool:
    try:
        return folder.contains(link.resolve(strict=True))
    except (OSError, RuntimeError):  # broken, or a loop, which 3.11 tells as RuntimeError
        return False


def _is_generated(real: Path) -> bool:
    return real.name in _GENERATED or any((real / marker).is_file() for marker in _MARKERS)
