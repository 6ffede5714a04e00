"""Tools that change something on the client's machine."""

from pydantic import Field

from domain.model.tools.paths import Path
from domain.model.tools.tool import Arguments, Tool, Where


class WriteFile(Arguments):
    """Write a text file, whole: new, or in place of what it held. What it held is kept as a backup unless told not."""

    path: Path
    content: str = Field(max_length=100_000)
    encoding: str = Field("utf-8", max_length=40)
    create_dirs: bool = False
    backup: bool = True


class CreateDirectory(Arguments):
    """Create a folder, and with recursive those above it that are missing."""

    path: Path
    recursive: bool = True


class DeleteFile(Arguments):
    """Delete a file, a link, or an empty folder."""

    path: Path


class MoveFile(Arguments):
    """Move or rename a file or folder; nothing that exists is replaced."""

    source: Path
    destination: Path


class ExecuteCommand(Arguments):
    """Run a shell command in a folder of the project, without input, for at most timeout seconds."""

    command: str = Field(min_length=1, max_length=10_000)
    cwd: Path = "."
    timeout: int = Field(60, ge=1, le=300)


CHANGING = (
    Tool("write_file", WriteFile, Where.CLIENT, needs_approval=True, writes=("path",)),
    Tool("create_directory", CreateDirectory, Where.CLIENT, needs_approval=True, writes=("path",)),
    Tool("delete_file", DeleteFile, Where.CLIENT, needs_approval=True, writes=("path",)),
    Tool("move_file", MoveFile, Where.CLIENT, needs_approval=True, writes=("source", "destination")),
    Tool("execute_command", ExecuteCommand, Where.CLIENT, needs_approval=True),
)
"""A person is asked about each of them."""
