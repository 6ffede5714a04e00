"""The tool `read_file`."""

import codecs

from clients.folder import Folder, lines_of, looks_binary, read_file_bytes
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused

# For host names (their time grows with the square of the length) and for Python literals, not for files.
_NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_WITH_ZERO_BYTES = ("utf-16", "utf-32")


class ReadFile:
    """Reads a text file, or some of its lines, exactly as it is: line ends are kept."""

    name = "read_file"
    narrowing = "read part of the file with start_line and end_line"

    def run(self, folder: Folder, arguments: Arguments) -> str:
        """Return the text; lines count from 1, `end_line` is included and may lie beyond the end."""
        path = arguments.text("path")
        encoding = arguments.text("encoding", "utf-8")
        start = arguments.whole("start_line", None, least=1)
        end = arguments.whole("end_line", None, least=1)
        arguments.finish()
        if start is not None and end is not None and end < start:
            raise ToolRefused(f"`end_line` ({end}) lies before `start_line` ({start}).")
        text = _decoded(read_file_bytes(folder.existing(path)), encoding)
        if start is None and end is None:
            return text
        lines = lines_of(text)
        if start is not None and start > max(len(lines), 1):
            raise ToolRefused(f"`start_line` is {start}, but `{path}` has {len(lines)} lines.")
        return "".join(lines[(start or 1) - 1 : end])


def _decoded(content: bytes, encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding).name
        if codec not in _NOT_FOR_FILES:
            if not codec.startswith(_WITH_ZERO_BYTES) and looks_binary(content):
                raise ToolRefused("This is a binary file; only text can be read.")
            return content.decode(codec)
    except UnicodeError as error:
        raise ToolRefused(f"The file is not text in {encoding}: it is binary, or needs another `encoding`.") from error
    except (LookupError, ValueError):
        pass  # no codec, one from bytes to bytes, or a name with a zero byte: told below like any other unfit one
    raise ToolRefused(f"`{encoding}` is not a known text encoding.")
