"""The tool `search_in_code`."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clients.folder import Folder, lines_of, looks_binary, read_file_bytes
from clients.globs import Glob
from clients.tools.outcome import ToolRefused
from clients.walk import walk

MAX_SCANNED_BYTES = 256 * 1024 * 1024
_MAX_LINE = 10_000
_MAX_SHOWN = 400
_BEFORE_HIT = 80


@dataclass(frozen=True)
class Search:
    """What to look for, and where.

    Attributes:
        query: A text, or a regular expression when `is_regex`; lines are searched one by one.
        path: A folder or a file.
        file_pattern: Glob over names, or over paths below `path` when it holds a slash; None for every file.
        max_results: 1 to 1 000.
    """

    query: str
    path: str
    file_pattern: str | None
    is_case_sensitive: bool
    is_regex: bool
    max_results: int


@dataclass(frozen=True)
class Hit:
    """One line that matches: `path` as other tools take it, `line` from 1, `text` without its line end.

    Of a long line `text` holds the part around the match, with … where it was cut.
    """

    path: str
    line: int
    text: str


def search(folder: Folder, wanted: Search, *, max_bytes: int = MAX_SCANNED_BYTES) -> list[Hit]:
    """Return the first `max_results` matching lines in the order of path and line.

    Hidden, generated, linked, binary and very large files are passed over; of a line, the first 10 000 characters are
    looked at. Files of more than `max_bytes` together are not searched.

    Raises:
        ToolRefused: a bad query or path, or too much to search through.
    """
    find = _finder(wanted)
    start = folder.existing(wanted.path)
    hits: list[Hit] = []
    scanned = 0
    for name, real in _files(folder, start, wanted.file_pattern):
        try:
            content = read_file_bytes(real)
        except (ToolRefused, OSError):
            if real == start:
                raise
            continue
        if looks_binary(content):
            continue
        scanned += len(content)
        if scanned > max_bytes:
            raise ToolRefused(
                f"There are more than {max_bytes // 1024 // 1024} MB to search; name a smaller folder "
                "as `path`, or give a `file_pattern`."
            )
        for number, line in enumerate(lines_of(content.decode("utf-8", "replace")), 1):
            at = find(line[:_MAX_LINE].rstrip("\r\n"))
            if at is not None:
                hits.append(Hit(name, number, _shown(line.rstrip("\r\n"), at)))
                if len(hits) == wanted.max_results:
                    return hits
    return hits


def _files(folder: Folder, start: Path, file_pattern: str | None) -> Iterator[tuple[str, Path]]:
    if not start.is_dir():
        yield folder.name_of(start), start
        return
    glob = Glob(file_pattern or "**")
    prefix = "" if start == folder.root else folder.name_of(start) + "/"
    for entry in walk(folder, start, is_recursive=True, include_hidden=False):
        # What a link leads to lies inside and is met there.
        if not entry.is_folder and not entry.is_link and glob.matches(entry.below_start):
            yield prefix + entry.below_start, entry.real


def _finder(wanted: Search) -> Callable[[str], int | None]:
    """Return what tells where in a line the query first matches, None when it does not."""
    if not wanted.query:
        raise ToolRefused("`query` is empty.")
    if not wanted.is_regex and ("\n" in wanted.query or "\r" in wanted.query):
        raise ToolRefused("`query` spans lines; lines are searched one by one.")
    pattern = wanted.query if wanted.is_regex else re.escape(wanted.query)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful but valid expression is the model's own affair
            compiled = re.compile(pattern, 0 if wanted.is_case_sensitive else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ToolRefused(f"`query` is not a valid regular expression: {error}.") from error

    def find(line: str) -> int | None:
        match = compiled.search(line)
        return None if match is None else match.start()

    return find


def _shown(line: str, at: int) -> str:
    if len(line) <= _MAX_SHOWN:
        return line
    begin = max(0, min(at - _BEFORE_HIT, len(line) - _MAX_SHOWN))
    end = begin + _MAX_SHOWN
    return f"{'…' if begin else ''}{line[begin:end]}{'…' if end < len(line) else ''}"
