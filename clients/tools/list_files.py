"""The tool `list_files`."""

from clients.folder import Folder
from clients.globs import Glob
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused
from clients.walk import walk


class ListFiles:
    """Lists what lies in a folder; see `walk` for what is passed over."""

    name = "list_files"
    narrowing = "list a smaller folder, or give a pattern"

    def run(self, folder: Folder, arguments: Arguments) -> list[str]:
        """Return sorted paths, each usable as `path` of another call; folders end with a slash.

        `pattern` is matched below the listed folder: against names when it holds no slash, else against paths.
        """
        path = arguments.text("path")
        is_recursive = arguments.flag("recursive")
        include_hidden = arguments.flag("include_hidden")
        pattern = arguments.text("pattern", "**")
        arguments.finish()
        start = folder.existing(path)
        if not start.is_dir():
            raise ToolRefused(f"`{path}` is a file; use read_file.")
        glob = Glob(pattern)
        prefix = "" if start == folder.root else folder.name_of(start) + "/"
        return [
            prefix + entry.below_start
            for entry in walk(folder, start, is_recursive=is_recursive, include_hidden=include_hidden)
            if glob.matches(entry.below_start)
        ]
