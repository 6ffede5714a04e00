"""The tool `read_file`."""

from clients.folder import Folder, lines_of, read_file_bytes
from clients.tools.arguments import Arguments
from clients.tools.encodings import decoded
from clients.tools.outcome import ToolRefused


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
        text = decoded(read_file_bytes(folder.existing(path)), encoding)
        if start is None and end is None:
            return text
        lines = lines_of(text)
        if start is not None and start > max(len(lines), 1):
            raise ToolRefused(f"`start_line` is {start}, but `{path}` has {len(lines)} lines.")
        return "".join(lines[(start or 1) - 1 : end])
