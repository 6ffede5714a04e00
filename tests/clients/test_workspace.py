"""Tools see one folder and nothing else, and every failure is an answer to the model."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.folder import MAX_FILE_BYTES, Folder
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolDone, ToolFailed, ToolRefused
from clients.tools.read_file import ReadFile
from clients.workspace import Workspace
from tests.clients.folders import error, result

TOOLS = [("read_file", {}), ("list_files", {}), ("search_in_code", {"query": "lock"})]
_PARTS = st.sampled_from(
    ["..", ".", "", "src", "out", "loop", "inside", "~", "a.py", "secret.txt", "…", "*", "C:", "\\"]
)


@pytest.mark.parametrize(("tool", "more"), TOOLS)
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("../secret.txt", "`..`"),
        ("src/../README.md", "`..`"),
        ("/etc/passwd", "absolute"),
        ("out", "leads out"),
        ("out/secret.txt", "leads out"),
        ("out.txt", "leads out"),
        ("hop/secret.txt", "leads out"),
        ("loop", "loop"),
        ("broken", "does not exist"),
        ("nowhere.py", "does not exist"),
        ("x" * 5000, ""),
        ("", "must be a text"),
        ("a\0b", "must be a text"),
        (7, "must be a text"),
    ],
)
def test_path_is_refused_when_it_is_not_inside(
    linked: Path, tool: str, more: dict[str, Any], path: Any, words: str
) -> None:
    """Absolute, climbing, linked out, looping, missing and senseless paths are refused in words, by every tool."""
    told = error(Workspace(linked), tool, path=path, **more)

    assert words in told
    assert str(linked.parent) not in told
    assert len(told) <= 2000


@given(parts=st.lists(_PARTS, max_size=8), is_absolute=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_escapes_whatever_it_is_made_of(linked: Path, parts: list[str], *, is_absolute: bool) -> None:
    """Whatever the path, what it names lies inside, and the secret next door is never in a result."""
    path = ("/" if is_absolute else "") + "/".join(parts)
    workspace = Workspace(linked)

    try:
        real = workspace.folder.locate(path)
    except ToolRefused:
        real = workspace.folder.root
    outcomes = [workspace.execute(tool, {"path": path, **more}) for tool, more in TOOLS]

    assert Path(os.path.realpath(real)).is_relative_to(linked.resolve())
    assert not any(isinstance(one, ToolDone) and "the secret lock" in json.dumps(one.result) for one in outcomes)


@given(path=st.text(), text=st.text(max_size=20), number=st.integers() | st.floats() | st.text() | st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_arguments_raise_whatever_they_are(workspace: Workspace, path: str, text: str, number: Any) -> None:
    """A model may send anything; the answer is always an outcome that can be sent as JSON."""
    for tool, arguments in (
        ("read_file", {"path": path, "encoding": text, "start_line": number}),
        ("read_file", {"path": "README.md", "encoding": text, "end_line": number}),
        ("list_files", {"path": ".", "pattern": text, "recursive": number}),
        ("search_in_code", {"query": text, "file_pattern": text, "max_results": number}),
        ("search_in_code", {"query": text, "path": path}),
        (text, {text: number}),
    ):
        outcome = workspace.execute(tool, arguments)
        told = outcome.error if isinstance(outcome, ToolFailed) else outcome.result
        json.dumps(told, ensure_ascii=False).encode()


def test_links_inside_are_followed_but_not_walked(linked: Path) -> None:
    """A link to something inside can be named; a walk shows it and does not enter it; links out are not even shown."""
    workspace = Workspace(linked)

    listed = result(workspace, "list_files", path=".", recursive=True)
    found = result(workspace, "search_in_code", query="SessionLock")

    assert result(workspace, "read_file", path="inside/a.py") == "pass\n"
    assert result(workspace, "list_files", path="inside", pattern="*.py") == ["src/a.py", "src/lock.py", "src/same.py"]
    assert "inside/" in listed
    assert "src/same.py" in listed
    assert not {"out/", "out.txt", "hop/", "broken", "loop", "inside/a.py", "home/README.md"} & set(listed)
    assert [one["path"] for one in found] == ["src/lock.py"]


def test_file_is_read_exactly(workspace: Workspace, folder: Path) -> None:
    """Line ends, a missing last one and letters of any script come as they are; an empty file is an empty text."""
    (folder / "odd.txt").write_bytes("Я\r\nb\x0cc\u2028d\n\ne".encode())
    (folder / "empty.txt").touch()

    assert result(workspace, "read_file", path="odd.txt") == "Я\r\nb\x0cc\u2028d\n\ne"
    assert result(workspace, "read_file", path="odd.txt", start_line=2, end_line=3) == "b\x0cc\u2028d\n\n"
    assert result(workspace, "read_file", path="odd.txt", start_line=4.0, end_line=900) == "e"
    assert result(workspace, "read_file", path="odd.txt", end_line=1, start_line=None) == "Я\r\n"
    assert result(workspace, "read_file", path="empty.txt") == ""
    assert result(workspace, "read_file", path="empty.txt", start_line=1) == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "`path` is missing"),
        ({"path": "README.md", "start_line": 3}, "has 2 lines"),
        ({"path": "README.md", "start_line": 2, "end_line": 1}, "lies before"),
        ({"path": "README.md", "start_line": 0}, "at least 1"),
        ({"path": "README.md", "start_line": True}, "whole number"),
        ({"path": "README.md", "start_line": 1.5}, "whole number"),
        ({"path": "README.md", "startLine": 1}, "Unknown arguments: startLine"),
        ({"path": "README.md", "encoding": "hex"}, "not a known text encoding"),
        ({"path": "README.md", "encoding": "klingon"}, "not a known text encoding"),
        ({"path": "README.md", "encoding": "punycode"}, "not a known text encoding"),
        ({"path": "README.md", "encoding": "a\0b"}, "not a known text encoding"),
        ({"path": "latin.txt"}, "not text in utf-8"),
        ({"path": "binary.bin"}, "binary"),
        ({"path": "src"}, "use list_files"),
        ({"path": "pipe"}, "not a regular file"),
        ({"path": "README.md/x"}, "does not exist"),
        ({"path": "huge.txt"}, "larger than 10 MB"),
        ({"path": "large.txt"}, "read part of the file with start_line and end_line"),
    ],
)
def test_read_is_refused_in_words(workspace: Workspace, folder: Path, arguments: dict[str, Any], words: str) -> None:
    """Whatever cannot be read is told so that the model can do better."""
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "binary.bin").write_bytes(b"MZ\0\0")
    os.mkfifo(folder / "pipe")
    (folder / "huge.txt").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (folder / "large.txt").write_text("line\n" * 300_000)

    assert words in error(workspace, "read_file", **arguments)


def test_encoding_is_honoured(workspace: Workspace, folder: Path) -> None:
    """Latin-1 and UTF-16, zero bytes and all, are text when named as such."""
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "wide.txt").write_bytes("lock\nЯд".encode("utf-16"))

    assert result(workspace, "read_file", path="latin.txt", encoding="latin-1") == "café"
    assert result(workspace, "read_file", path="wide.txt", encoding="UTF-16", start_line=2) == "Яд"


def test_part_of_a_large_file_is_read(workspace: Workspace, folder: Path) -> None:
    """What is too much at once can be read in parts."""
    (folder / "large.txt").write_text("".join(f"{number}\n" for number in range(1, 300_001)))

    assert result(workspace, "read_file", path="large.txt", start_line=299_999) == "299999\n300000\n"


def test_error_tells_what_the_file_system_said_without_our_paths(folder: Path) -> None:
    """A failure of the file system reaches the model by its reason alone."""

    class Failing:
        name = "read_file"
        narrowing = ""

        def run(self, _folder: Folder, _arguments: Arguments) -> str:
            raise PermissionError(13, "Permission denied", str(folder))

    assert error(Workspace(folder, [Failing()]), "read_file") == "Permission denied."


def test_error_is_cut_when_long(workspace: Workspace) -> None:
    """An error never exceeds what the server takes."""
    told = error(workspace, "read_file", **{"path": "README.md", "x" * 5000: 1})

    assert len(told) == 2000
    assert told.endswith("…")


def test_unknown_tool_is_told_with_what_there_is(workspace: Workspace) -> None:
    """A tool of another client is refused by name."""
    assert error(workspace, "execute_command", command="ls") == (
        "This client has no tool `execute_command`; it has list_files, read_file, search_in_code."
    )


def test_registry_refuses_when_two_tools_share_a_name(folder: Path) -> None:
    """Which of two tools would run must not depend on their order."""
    with pytest.raises(ValueError, match="two tools are named read_file"):
        Workspace(folder, [ReadFile(), ReadFile()])


@pytest.mark.parametrize("name", ["README.md", "nowhere"])
def test_workspace_needs_a_folder(folder: Path, name: str) -> None:
    """A file or nothing at all cannot be worked in."""
    with pytest.raises(OSError, match=name):
        Workspace(folder / name)


def test_unsendable_names_are_replaced(workspace: Workspace, folder: Path) -> None:
    """A file name that is not UTF-8 does not make the answer unsendable."""
    (folder / os.fsdecode(b"caf\xe9 lock.txt")).write_text("lock 17\n")

    assert "caf? lock.txt" in result(workspace, "list_files", path=".")
    assert result(workspace, "search_in_code", query="lock 17")[0]["path"] == "caf? lock.txt"
