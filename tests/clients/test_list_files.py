"""`list_files` shows what people wrote, in order."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.folder import Folder
from clients.globs import Glob
from clients.tools.outcome import ToolDone, ToolFailed, ToolRefused
from clients.walk import walk
from clients.workspace import Workspace


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["README.md", "src/"]),
        ({"include_hidden": True}, [".env", ".git/", ".github/", "README.md", "node_modules/", "src/", "venv/"]),
        ({"recursive": True}, ["README.md", "src/", "src/a.py", "src/deep/", "src/deep/more.py", "src/lock.py"]),
        ({"recursive": True, "pattern": "*.py"}, ["src/a.py", "src/deep/more.py", "src/lock.py"]),
        ({"recursive": True, "pattern": "./src/*.py"}, ["src/a.py", "src/lock.py"]),
        ({"recursive": True, "pattern": "**/deep/**"}, ["src/deep/", "src/deep/more.py"]),
        ({"path": "src", "recursive": True, "pattern": "deep/*.py"}, ["src/deep/more.py"]),
        ({"path": "src/deep/"}, ["src/deep/more.py"]),
        ({"pattern": "*.rs"}, []),
        ({"path": "node_modules", "recursive": True}, ["node_modules/x/", "node_modules/x/index.js"]),
        ({"path": ".github"}, [".github/ci.yml"]),
        ({"path": "venv/lib"}, ["venv/lib/lock.py"]),
    ],
)
def test_listing_is_sorted_and_leaves_out_what_nobody_wrote(
    workspace: Workspace, arguments: dict[str, Any], expected: list[str]
) -> None:
    """Paths are relative to the folder, sorted, folders with a slash; what is named is shown, hidden or not."""
    assert workspace.execute("list_files", {"path": ".", **arguments}) == ToolDone(expected)


def test_generated_folders_are_not_entered_even_when_hidden_ones_are(workspace: Workspace) -> None:
    """`include_hidden` enters `.github`, and names `.git` and the virtualenv without emptying them over the model."""
    outcome = workspace.execute("list_files", {"path": ".", "include_hidden": True, "recursive": True})

    assert isinstance(outcome, ToolDone)
    assert {".github/ci.yml", ".git/", "venv/", "src/__pycache__/"} <= set(outcome.result)
    assert not {".git/config", "venv/lib/", "src/__pycache__/lock.txt"} & set(outcome.result)
    assert outcome.result == sorted(outcome.result)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": "README.md"}, "use read_file"),
        ({"path": ".", "recursive": "yes"}, "true or false"),
        ({"path": ".", "depth": 3}, "Unknown arguments: depth"),
        ({}, "`path` is missing"),
    ],
)
def test_listing_is_refused_in_words(workspace: Workspace, arguments: dict[str, Any], words: str) -> None:
    """Wrong arguments are told."""
    outcome = workspace.execute("list_files", arguments)

    assert isinstance(outcome, ToolFailed)
    assert words in outcome.error


def test_listing_is_refused_with_advice_when_it_is_too_large(workspace: Workspace, folder: Path) -> None:
    """More than 1 MB of names is not sent; the model is told how to ask for less."""
    many = folder / "many"
    many.mkdir()
    for number in range(4_500):
        (many / f"{number}{'x' * 240}").touch()

    outcome = workspace.execute("list_files", {"path": "many"})

    assert isinstance(outcome, ToolFailed)
    assert outcome.error == "The result is 1.1 MB, more than 1 MB; list a smaller folder, or give a pattern."


def test_walk_ends_when_there_is_no_end_in_sight(folder: Path) -> None:
    """A walk has a bound, however much lies there."""
    steps = walk(Folder(folder), folder, is_recursive=True, include_hidden=False, max_entries=3)

    with pytest.raises(ToolRefused, match="more than 3 files"):
        list(steps)


def test_walk_goes_on_when_a_folder_vanishes(folder: Path) -> None:
    """A folder that is gone by the time it is entered counts as empty."""
    met: list[str] = []

    for entry in walk(Folder(folder), folder, is_recursive=True, include_hidden=False):
        met.append(entry.below_start)
        if entry.below_start == "src/deep/":
            shutil.rmtree(entry.real)

    assert met[-2:] == ["src/deep/", "src/lock.py"]


def test_walk_goes_deeper_than_the_stack(folder: Path) -> None:
    """More folders inside each other than Python nests calls are listed, not an error."""
    chain = [folder / "/".join("d" * depth) for depth in range(1, sys.getrecursionlimit() + 100)]
    for one in chain:
        one.mkdir()

    entries = list(walk(Folder(folder), chain[0], is_recursive=True, include_hidden=False))

    assert len(entries) == len(chain) - 1
    for one in reversed(chain):  # what clears temporary folders does nest calls
        one.rmdir()


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("*.py", "a/b/c.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**", "a/b/c.py", True),
        ("a/**/c.py", "a/c.py", True),
        ("**/**/c.py", "c.py", True),
        ("[ab].p?", "a.py", True),
        ("A.py", "a.py", False),
        ("src/", "a/src/", True),
        ("/src/*", "src/a", True),
        ("**", "a", True),
        ("", "a", True),
        ("a/b", "a", False),
        ("a", "a/b", False),
    ],
)
def test_glob(pattern: str, path: str, *, is_match: bool) -> None:
    """Patterns mean what they mean in a shell with `**`."""
    assert Glob(pattern).matches(path) is is_match


def test_glob_is_quick_when_pattern_is_hostile() -> None:
    """Forty `**` and as many stars are matched in no time."""
    pattern = "/".join(["**", "*a*a*a*a*b"] * 40)

    assert not Glob(pattern).matches("/".join(["a" * 200] * 60))


@given(
    st.lists(st.sampled_from(["a", "b", "**", "*"]), min_size=1, max_size=6),
    st.lists(st.sampled_from("ab"), min_size=1),
)
def test_glob_agrees_with_its_definition(parts: list[str], names: list[str]) -> None:
    """Matching in steps gives what trying every way gives."""

    def fits(left: list[str], rest: list[str]) -> bool:
        if not left:
            return not rest
        if left[0] == "**":
            return fits(left[1:], rest) or (bool(rest) and fits(left, rest[1:]))
        return bool(rest) and left[0] in {"*", rest[0]} and fits(left[1:], rest[1:])

    pattern = "./" + "/".join(["a", *parts])

    assert Glob(pattern).matches("/".join(names)) is fits(["a", *parts], names)
