"""The simple wishes that the offline model can carry out."""

from dataclasses import dataclass

from domain.model.agent import AgentType
from functions.adapters.models.offline.terms import Quest


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Say what a folder holds; `pattern` is empty for everything."""

    path: str
    is_recursive: bool = False
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """Say what files hold; `lines` are first and last, None for all. No paths: ask which."""

    paths: tuple[str, ...]
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Say where something is."""

    quest: Quest


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a file; content None: ask what it shall hold."""

    path: str
    content: str | None


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Create a folder; an empty path: ask which."""

    path: str


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete a file."""

    path: str


@dataclass(frozen=True, slots=True)
class MoveFile:
    """Move or rename a file."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class RunCommand:
    """Run a command; an empty one: ask which."""

    command: str


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Propose a plan for a goal."""

    goal: str


@dataclass(frozen=True, slots=True)
class AskBack:
    """Ask the user a question; two to four suggestions, or none to suggest yes and no."""

    question: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let another agent go on."""

    agent: AgentType


@dataclass(frozen=True, slots=True)
class Finish:
    """End the task."""


@dataclass(frozen=True, slots=True)
class Introduce:
    """Say what can be wished for."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing that rules recognise; the text is what was said."""

    text: str


Wish = (
    ListFiles
    | ReadFiles
    | Search
    | WriteFile
    | MakeFolder
    | DeleteFile
    | MoveFile
    | RunCommand
    | MakePlan
    | AskBack
    | HandOver
    | Finish
    | Introduce
    | Unknown
)
