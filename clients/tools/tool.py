"""What every client tool is."""

from typing import Any, Protocol

from clients.folder import Folder
from clients.tools.arguments import Arguments


class Tool(Protocol):
    """Carries out the calls of one tool."""

    @property
    def name(self) -> str:
        """What the model calls it."""
        ...

    @property
    def narrowing(self) -> str:
        """What to ask for instead when the result is too large, in the imperative."""
        ...

    def run(self, folder: Folder, arguments: Arguments) -> Any:
        """Return the result, any JSON.

        Raises:
            ToolRefused: the call cannot be carried out.
            OSError: the file system refused; its `strerror` is told.
        """
        ...
