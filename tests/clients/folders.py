"""A folder to work in, and calls that have to succeed or to fail."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clients.backups import Backups
from clients.tools.create_directory import CreateDirectory
from clients.tools.delete_file import DeleteFile
from clients.tools.execute_command import ExecuteCommand
from clients.tools.move_file import MoveFile
from clients.tools.outcome import ToolDone, ToolFailed
from clients.tools.tool import Proposal
from clients.tools.write_file import WriteFile
from clients.workspace import Workspace, reading_tools

SECRET = "the secret lock\n"
KEPT = ".agent-runtime/backups/20260102T030405.000006Z"
"""Where the first backup lies."""


def made_folder(beside: Path) -> Path:
    """Return a folder with a little of everything, made in another one with a secret."""
    (beside / "secret.txt").write_text(SECRET)
    root = beside / "project"
    for name, text in {
        "README.md": "# Project\nThe lock is in src.\n",
        "src/lock.py": "import time\n\n\nclass SessionLock:\n    '''Holds a session.'''\n",
        "src/deep/more.py": "LOCK = 1\nlock = 2\n",
        "src/a.py": "pass\n",
        ".env": "LOCK=hidden\n",
        ".github/ci.yml": "lock: true\n",
        ".git/config": "lock\n",
        "node_modules/x/index.js": "lock\n",
        "venv/pyvenv.cfg": "home = x\n",
        "venv/lib/lock.py": "lock\n",
        "src/__pycache__/lock.txt": "lock\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def with_links(folder: Path) -> Path:
    """Return the folder with links in, out, broken and in a loop."""
    (folder / "out").symlink_to(folder.parent)
    (folder / "out.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "hop").symlink_to(folder / "out")
    (folder / "inside").symlink_to(folder / "src")
    (folder / "src" / "same.py").symlink_to(folder / "src" / "lock.py")
    (folder / "broken").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "home").symlink_to(folder)
    return folder


def every_tool(folder: Path) -> Workspace:
    """Return every tool over a folder; the clock of its backups stands still."""
    backups = Backups(lambda: datetime(2026, 1, 2, 3, 4, 5, 6, UTC))
    command = ExecuteCommand({"PATH": "/usr/bin:/bin"}, drain_seconds=0.2)
    changing = WriteFile(backups), CreateDirectory(), DeleteFile(backups), MoveFile(), command
    return Workspace(folder, (*reading_tools(), *changing))


def error(workspace: Workspace, tool: str, **arguments: Any) -> str:
    """Return the error of a call that has to fail; whoever proposes it says the same."""
    proposed = workspace.propose(tool, arguments)
    outcome = workspace.execute(tool, arguments)
    assert isinstance(outcome, ToolFailed), outcome
    assert proposed in {None, outcome}
    return outcome.error


def result(workspace: Workspace, tool: str, **arguments: Any) -> Any:
    """Return the result of a call that has to succeed."""
    outcome = workspace.execute(tool, arguments)
    assert isinstance(outcome, ToolDone), outcome
    return outcome.result


def proposal(workspace: Workspace, tool: str, **arguments: Any) -> Proposal:
    """Return what a changing call says it would do."""
    proposed = workspace.propose(tool, arguments)
    assert isinstance(proposed, Proposal), proposed
    return proposed
