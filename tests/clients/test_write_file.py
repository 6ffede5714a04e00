"""`write_file` writes whole or not at all, keeps what was there, and shows the difference before."""

import os
from pathlib import Path
from typing import Any

import pytest

from clients.folder import MAX_FILE_BYTES
from clients.workspace import Workspace
from tests.clients.folders import KEPT, error, proposal, result


def test_file_is_replaced_and_its_old_content_kept(hands: Workspace, folder: Path) -> None:
    """The new content is there, the old one among the backups, which git does not see."""
    (folder / "src/a.py").chmod(0o750)

    told = result(hands, "write_file", path="src/a.py", content="x = 1\r\n")

    assert told == {"path": "src/a.py", "bytes": 7, "is_new": False, "backup": f"{KEPT}/src/a.py"}
    assert (folder / "src/a.py").read_bytes() == b"x = 1\r\n"
    assert (folder / "src/a.py").stat().st_mode & 0o777 == 0o750
    assert (folder / KEPT / "src/a.py").read_text() == "pass\n"
    assert (folder / ".agent-runtime/.gitignore").read_text() == "*\n"
    assert sorted(path.name for path in (folder / "src").iterdir()) == ["__pycache__", "a.py", "deep", "lock.py"]


def test_backups_of_one_moment_lie_apart(hands: Workspace, folder: Path) -> None:
    """Two changes never share a backup, not even within the clock's smallest step."""
    result(hands, "write_file", path="src/a.py", content="2")
    again = result(hands, "write_file", path="src/a.py", content="3")

    assert again["backup"] == f"{KEPT}-1/src/a.py"
    assert (folder / again["backup"]).read_text() == "2"


def test_new_file_needs_no_backup(hands: Workspace, folder: Path) -> None:
    """Nothing is kept when nothing was there; missing folders are made when that was asked for."""
    umask = os.umask(0o022)
    os.umask(umask)

    told = result(hands, "write_file", path="new/er/b.txt", content="Я", encoding="utf-16-le", create_dirs=True)

    assert told == {"path": "new/er/b.txt", "bytes": 2, "is_new": True, "backup": None}
    assert (folder / "new/er/b.txt").read_bytes() == "Я".encode("utf-16-le")
    assert (folder / "new/er/b.txt").stat().st_mode & 0o777 == 0o666 & ~umask
    assert not (folder / ".agent-runtime").exists()


def test_old_content_is_not_kept_when_it_was_not_wanted(hands: Workspace, folder: Path) -> None:
    """`backup` false is honoured, and said beforehand."""
    asked = proposal(hands, "write_file", path="src/a.py", content="2", backup=False)
    told = result(hands, "write_file", path="src/a.py", content="2", backup=False)

    assert asked.title == "Change the file `src/a.py` without keeping the old content."
    assert told["backup"] is None
    assert not (folder / ".agent-runtime").exists()


def test_link_inside_leads_to_the_file_that_is_written(hands: Workspace, linked: Path) -> None:
    """A link stays a link; what it leads to is written."""
    told = result(hands, "write_file", path="src/same.py", content="2")

    assert told["path"] == "src/lock.py"
    assert (linked / "src/same.py").is_symlink()
    assert (linked / "src/lock.py").read_text() == "2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": "src", "content": ""}, "`src` is a folder"),
        ({"path": ".", "content": ""}, "the folder itself"),
        ({"path": "pipe", "content": ""}, "not a regular file"),
        ({"path": "shut.txt", "content": ""}, "write-protected"),
        ({"path": "no/where.txt", "content": ""}, "The folder `no` does not exist; create it first."),
        ({"path": "src/a.py/b", "content": "", "create_dirs": True}, "`src/a.py` is not a folder"),
        (
            {"path": "a", "content": "abЯ", "encoding": "latin-1"},
            "Character 3 of the content does not exist in latin-1",
        ),
        ({"path": "a", "content": "", "encoding": "hex"}, "not a known text encoding"),
        ({"path": "a", "content": "", "encoding": "idna"}, "not a known text encoding"),
        ({"path": "a", "content": "", "encoding": "klingon"}, "not a known text encoding"),
        ({"path": "a", "content": "\ud800"}, "does not exist in utf-8"),
        ({"path": "\ud800", "content": ""}, "must be a text"),
        ({"path": "a"}, "`content` is missing"),
        ({"path": "a", "content": "", "mode": 1}, "Unknown arguments: mode"),
        ({"path": "a", "content": "", "backup": "no"}, "must be true or false"),
        ({"path": ".agent-runtime/backups/x", "content": ""}, "holds the backups"),
        ({"path": ".Agent-Runtime/x", "content": "", "create_dirs": True}, "holds the backups"),
        ({"path": "a", "content": "x" * (MAX_FILE_BYTES + 1)}, "larger than 10 MB"),
        ({"path": "x" * 300, "content": ""}, "name too long"),
    ],
)
def test_write_is_refused_in_words_and_changes_nothing(
    hands: Workspace, folder: Path, arguments: dict[str, Any], words: str
) -> None:
    """Whatever cannot be written is told so that the model can do better; proposing it says the same."""
    os.mkfifo(folder / "pipe")
    (folder / "shut.txt").touch(mode=0o444)
    before = sorted(folder.rglob("*"))

    assert words in error(hands, "write_file", **arguments)
    assert [path for path in sorted(folder.rglob("*")) if path.name != "__pycache__"] == [
        path for path in before if path.name != "__pycache__"
    ]


def test_file_stays_whole_when_writing_breaks_off(hands: Workspace, folder: Path) -> None:
    """What is in the way leaves the old content, and nothing half done beside it."""
    (folder / ".agent-runtime").symlink_to(folder.parent)

    assert error_of_execution(hands, path="src/a.py", content="2") == "`.agent-runtime` is not a folder."
    assert (folder / "src/a.py").read_text() == "pass\n"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["project", "secret.txt"]


def error_of_execution(hands: Workspace, **arguments: Any) -> str:
    """Return an error that only shows when the call runs."""
    outcome = hands.execute("write_file", arguments)
    return getattr(outcome, "error", "no error")


@pytest.mark.parametrize(
    ("path", "old", "new", "title", "details"),
    [
        (
            "a.txt",
            b"one\ntwo\nthree\n",
            "one\n2\nthree",
            "Change the file `a.txt`.",
            "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n-three\n+2\n+three\n\\ No newline at end of file\n",
        ),
        ("new.txt", None, "1\n", "Create the file `new.txt`.", "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+1\n"),
        ("a.txt", b"same", "same", "Write the file `a.txt` as it is: nothing in it changes.", ""),
        (
            "a.bin",
            b"\0\1",
            "text",
            "Replace the file `a.bin`.",
            "It holds 2 bytes that cannot be shown as text. The new content:\ntext",
        ),
        (
            "long.txt",
            b"x\n" * 20_001,
            "y",
            "Replace the file `long.txt`.",
            "It is too large to be compared. The new content:\ny",
        ),
    ],
)
def test_proposal_shows_what_will_change(
    hands: Workspace, folder: Path, path: str, old: bytes | None, new: str, title: str, details: str
) -> None:
    """The person sees the difference, or why there is none to see, and nothing happens meanwhile."""
    if old is not None:
        (folder / path).write_bytes(old)

    asked = proposal(hands, "write_file", path=path, content=new)

    assert (asked.title, asked.details) == (title, details)
    assert asked.is_diff == details.startswith("---")
    assert (folder / path).exists() == (old is not None)
    assert not (folder / ".agent-runtime").exists()


def test_missing_folder_is_no_obstacle_to_a_proposal_that_makes_it(hands: Workspace, folder: Path) -> None:
    """Proposing does not make folders."""
    asked = proposal(hands, "write_file", path="no/where.txt", content="1", create_dirs=True)

    assert asked.title == "Create the file `no/where.txt`."
    assert not (folder / "no").exists()
