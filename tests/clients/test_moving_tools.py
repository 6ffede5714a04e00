"""`create_directory`, `delete_file` and `move_file` replace nothing, lose nothing, and say before what they will do."""

from pathlib import Path
from typing import Any

import pytest

from clients.workspace import Workspace
from tests.clients.folders import KEPT, SECRET, error, proposal, result


@pytest.mark.parametrize(
    ("arguments", "title", "told"),
    [
        (
            {"path": "new/er"},
            "Create the folder `new/er`, and those above it that are missing.",
            {"path": "new/er", "is_new": True},
        ),
        ({"path": "new", "recursive": False}, "Create the folder `new`.", {"path": "new", "is_new": True}),
        ({"path": "src"}, "Create the folder `src`.", {"path": "src", "is_new": False}),
        ({"path": "inside/x"}, "Create the folder `src/x`.", {"path": "src/x", "is_new": True}),
    ],
)
def test_folder_is_created(
    hands: Workspace, linked: Path, arguments: dict[str, Any], title: str, told: dict[str, Any]
) -> None:
    """With the folders above it unless that is not wanted; one that is there is fine."""
    asked = proposal(hands, "create_directory", **arguments)

    assert asked.title == title
    assert result(hands, "create_directory", **arguments) == told
    assert (linked / told["path"]).is_dir()


def test_file_is_deleted_and_kept(hands: Workspace, folder: Path) -> None:
    """A deleted file lies among the backups, just as it was."""
    (folder / "src/a.py").chmod(0o700)

    asked = proposal(hands, "delete_file", path="src/a.py")
    told = result(hands, "delete_file", path="src/a.py")

    assert asked.title == "Delete the file `src/a.py` (5 bytes); a backup is kept."
    assert told == {"path": "src/a.py", "backup": f"{KEPT}/src/a.py"}
    assert not (folder / "src/a.py").exists()
    assert (folder / KEPT / "src/a.py").read_text() == "pass\n"
    assert (folder / KEPT / "src/a.py").stat().st_mode & 0o777 == 0o700


def test_empty_folder_is_deleted(hands: Workspace, folder: Path) -> None:
    """Of an empty folder nothing is to be kept."""
    (folder / "void").mkdir()

    assert proposal(hands, "delete_file", path="void").title == "Delete the empty folder `void`."
    assert result(hands, "delete_file", path="void") == {"path": "void", "backup": None}
    assert not (folder / "void").exists()


@pytest.mark.parametrize("name", ["out.txt", "out", "broken", "loop", "inside"])
def test_link_itself_is_deleted(hands: Workspace, linked: Path, name: str) -> None:
    """Wherever a link leads, it alone goes."""
    asked = proposal(hands, "delete_file", path=name)
    result(hands, "delete_file", path=name)

    assert asked.title == f"Delete the link `{name}`, not what it leads to."
    assert not (linked / name).is_symlink()
    assert (linked / KEPT / name).is_symlink()
    assert (linked.parent / "secret.txt").read_text() == SECRET
    assert (linked / "src/lock.py").exists()


@pytest.mark.parametrize(
    ("source", "destination"),
    [("src/a.py", "b.py"), ("src", "lib"), ("src/a.py", "src/deep/a.py"), ("out.txt", "src/elsewhere")],
)
def test_file_link_or_folder_is_moved(hands: Workspace, linked: Path, source: str, destination: str) -> None:
    """What was there is here, whatever it is."""
    content = (linked / source).read_text() if (linked / source).is_file() else None

    asked = proposal(hands, "move_file", source=source, destination=destination)
    told = result(hands, "move_file", source=source, destination=destination)

    assert asked.title == f"Move `{source}` to `{destination}`."
    assert told == {"source": source, "destination": destination}
    assert source.rpartition("/")[2] not in {one.name for one in (linked / source).parent.iterdir()}
    assert content is None or (linked / destination).read_text() == content
    assert (linked / "src" / "lock.py").exists() or (linked / "lib" / "lock.py").exists()


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("create_directory", {"path": "src", "recursive": False}, "`src` exists already"),
        ("create_directory", {"path": "src/a.py"}, "`src/a.py` exists already"),
        ("create_directory", {"path": "no/x", "recursive": False}, "The folder `no` does not exist"),
        ("create_directory", {"path": ".agent-runtime/x"}, "holds the backups"),
        ("create_directory", {"path": "."}, "the folder itself"),
        ("create_directory", {"path": "src/a.py/x/y"}, "`src/a.py` is not a folder"),
        ("delete_file", {"path": "src"}, "The folder `src` is not empty"),
        ("delete_file", {"path": "nowhere"}, "`nowhere` does not exist"),
        ("delete_file", {"path": "."}, "the folder itself"),
        ("delete_file", {"path": "out/secret.txt"}, "leads out"),
        ("move_file", {"source": "nowhere", "destination": "x"}, "`nowhere` does not exist"),
        ("move_file", {"source": "README.md", "destination": "src/a.py"}, "`src/a.py` exists already"),
        ("move_file", {"source": "src/deep", "destination": "src/__pycache__"}, "`src/__pycache__` exists already"),
        ("move_file", {"source": "README.md", "destination": "broken"}, "`broken` exists already"),
        ("move_file", {"source": "README.md", "destination": "no/x"}, "The folder `no` does not exist"),
        ("move_file", {"source": "README.md", "destination": "README.md"}, "or is the same"),
        ("move_file", {"source": "src", "destination": "src/deep/src"}, "lies inside what is to be moved"),
        ("move_file", {"source": "src", "destination": "inside/x"}, "lies inside what is to be moved"),
        ("move_file", {"source": ".", "destination": "x"}, "the folder itself"),
        ("move_file", {"source": "README.md", "destination": ".agent-runtime"}, "holds the backups"),
        ("move_file", {"source": "README.md", "destination": "out/x"}, "leads out"),
        ("move_file", {"source": "out/secret.txt", "destination": "x"}, "leads out"),
    ],
)
def test_change_is_refused_in_words(
    hands: Workspace, linked: Path, tool: str, arguments: dict[str, Any], words: str
) -> None:
    """Nothing is replaced, nothing but what is empty or kept goes, and nothing happens."""
    before = sorted(linked.rglob("*"))

    assert words in error(hands, tool, **arguments)
    assert sorted(linked.rglob("*")) == before
