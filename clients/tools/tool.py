"""What every client tool is."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

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


@dataclass(frozen=True)
class Proposal:
    """What a call would do, for a person to decide on.

    Attributes:
        title: One sentence; names everything that is touched.
        details: The rest, lines of text; empty when the title says it all.
        is_diff: Whether the details are a unified diff.
    """

    title: str
    details: str = ""
    is_diff: bool = False


@runtime_checkable
class ChangingTool(Tool, Protocol):
    """A tool that changes something, and says what before it does."""

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Return what `run` with the same arguments would do; changes nothing.

        Raises:
            ToolRefused: `run` would refuse.
            OSError: the file system refused.
        """
        ...
