"""No tool leads out of its folder, whatever it is given and whatever is put in its way."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.folder import Folder
from clients.spots import Spot, spot
from clients.tools.outcome import ToolDone, ToolFailed, ToolRefused
from tests.clients.folders import SECRET, every_tool, made_folder, with_links

_STEPS = (
    "..",
    ".",
    "",
    "src",
    "out",
    "hop",
    "loop",
    "inside",
    "home",
    "~",
    "a.py",
    "secret.txt",
    "project",
    "…",
    "C:",
    "\\",
)
_PATHS = st.builds(
    lambda steps, is_absolute: ("/" if is_absolute else "") + "/".join(steps),
    st.lists(st.sampled_from(_STEPS), max_size=6),
    st.booleans(),
)
_TOOLS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "read_file": lambda path, _other: {"path": path},
    "list_files": lambda path, _other: {"path": path, "recursive": True, "include_hidden": True},
    "search_in_code": lambda path, _other: {"path": path, "query": "secret lock"},
    "write_file": lambda path, other: {"path": path, "content": other, "create_dirs": True},
    "create_directory": lambda path, _other: {"path": path},
    "delete_file": lambda path, _other: {"path": path},
    "move_file": lambda path, other: {"source": path, "destination": other},
    "execute_command": lambda path, _other: {"command": "pwd -P", "cwd": path},
}


@given(tool=st.sampled_from(sorted(_TOOLS)), path=_PATHS, other=_PATHS)
@settings(deadline=None, max_examples=150)
def test_nothing_outside_is_read_or_changed_whatever_the_path(tool: str, path: str, other: str) -> None:
    """The world around the folder stays as it was, and the secret beside it is never in an answer."""
    with tempfile.TemporaryDirectory() as name:
        beside = Path(name).resolve()
        root = with_links(made_folder(beside))
        workspace = every_tool(root)
        arguments = _TOOLS[tool](path, other)

        proposed = workspace.propose(tool, arguments)
        outcome = workspace.execute(tool, arguments)

        assert sorted(one.name for one in beside.iterdir()) == ["project", "secret.txt"]
        assert (beside / "secret.txt").read_text() == SECRET
        told = outcome.error if isinstance(outcome, ToolFailed) else json.dumps(outcome.result)
        assert SECRET.strip() not in told + str(proposed)
        if tool == "execute_command" and isinstance(outcome, ToolDone):
            assert Path(outcome.result["stdout"].rstrip("\n")).is_relative_to(root)
        else:
            assert str(beside) not in told


@given(
    tool=st.sampled_from(sorted(set(_TOOLS) - {"execute_command"})),
    first=st.text() | st.characters(categories=["Cs", "Cc"]),
    other=st.text(max_size=20) | st.none() | st.integers() | st.lists(st.text(max_size=3), max_size=2),
)
@settings(deadline=None, max_examples=150)
def test_no_arguments_raise_whatever_they_are(tool: str, first: str, other: Any) -> None:
    """A model may send anything; proposals and outcomes always come, and can be sent as JSON."""
    with tempfile.TemporaryDirectory() as name:
        workspace = every_tool(made_folder(Path(name).resolve()))
        arguments = _TOOLS[tool](first, other)

        workspace.propose(tool, arguments)
        outcome = workspace.execute(tool, arguments)

        told = outcome.error if isinstance(outcome, ToolFailed) else outcome.result
        json.dumps(told, ensure_ascii=False).encode()


@pytest.mark.parametrize("step", ["src", "src/deep"])
def test_change_is_refused_when_a_link_appears_after_the_check(folder: Path, step: str) -> None:
    """A folder that becomes a link between being located and being used leads nowhere."""
    real = Folder(folder).locate("src/deep/more.py")
    (folder / step).rename(folder / "away")
    (folder / step).symlink_to(folder.parent)

    with pytest.raises(ToolRefused, match=f"`{step}` is not a folder"), spot(Folder(folder), real):
        pytest.fail("the link was followed")


@pytest.mark.parametrize("act", ["write", "copy"])
def test_link_at_the_name_itself_is_not_followed(folder: Path, act: str) -> None:
    """A file that becomes a link is replaced as a link, or not read at all; what it leads to stays."""
    real = Folder(folder).locate("src/a.py")
    real.unlink()
    real.symlink_to(folder.parent / "secret.txt")

    with spot(Folder(folder), real) as target, spot(Folder(folder), folder / "copy") as free:
        if act == "write":
            target.write(b"2", permissions=None)
        else:
            with pytest.raises(OSError, match="symbolic links"):
                target.copy_to(free)

    assert (folder.parent / "secret.txt").read_text() == SECRET
    assert real.is_symlink() == (act == "copy")


def test_nothing_half_written_stays_when_it_cannot_take_its_place(folder: Path) -> None:
    """A folder at the name stops the write; the partial file goes."""
    with spot(Folder(folder), folder / "src") as target, pytest.raises(OSError, match="directory"):
        target.write(b"2", permissions=None)

    assert not list(folder.glob("*.partial"))


def test_name_is_given_back_when_a_move_fails(folder: Path) -> None:
    """A move that the file system refuses leaves no empty place holder."""
    with (
        spot(Folder(folder), folder / "src") as here,
        spot(Folder(folder), folder / "src/deep/x") as there,
        pytest.raises(OSError, match="Invalid argument"),
    ):
        here.move_to(there)

    assert not (folder / "src/deep/x").exists()
    assert (folder / "src/a.py").exists()


def test_name_is_given_back_when_a_file_cannot_come(folder: Path) -> None:
    """A file of another file system is not moved, and no empty one stands for it."""
    elsewhere = os.open("/proc/self", os.O_RDONLY)
    with spot(Folder(folder), folder / "src/status") as there, pytest.raises(OSError, match="cross-device"):
        Spot(elsewhere, "status", "status").move_to(there)
    os.close(elsewhere)

    assert not (folder / "src/status").exists()
