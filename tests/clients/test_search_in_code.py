"""`search_in_code` finds lines, in order, and cannot be made to hang."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from clients.folder import Folder
from clients.tools.outcome import ToolDone, ToolFailed, ToolRefused
from clients.tools.search_in_code import Search, search
from clients.tools.search_tool import SearchInCode, carry_out
from clients.workspace import Workspace


def found(workspace: Workspace, **arguments: Any) -> list[tuple[str, int, str]]:
    """Return the hits of a search that has to succeed."""
    outcome = workspace.execute("search_in_code", arguments)
    assert isinstance(outcome, ToolDone), outcome
    return [(hit["path"], hit["line"], hit["text"]) for hit in outcome.result]


LOCK_PY = ("src/lock.py", 4, "class SessionLock:")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"query": "lock"},
            [
                ("README.md", 2, "The lock is in src."),
                ("src/deep/more.py", 1, "LOCK = 1"),
                ("src/deep/more.py", 2, "lock = 2"),
                LOCK_PY,
            ],
        ),
        ({"query": "lock", "case_sensitive": True, "file_pattern": "*.py"}, [("src/deep/more.py", 2, "lock = 2")]),
        ({"query": "lock", "max_results": 1}, [("README.md", 2, "The lock is in src.")]),
        (
            {"query": "lock", "path": "src", "file_pattern": "deep/*"},
            [("src/deep/more.py", 1, "LOCK = 1"), ("src/deep/more.py", 2, "lock = 2")],
        ),
        ({"query": "LOCK", "path": "src/lock.py"}, [LOCK_PY]),
        ({"query": "lock", "path": ".github"}, [(".github/ci.yml", 1, "lock: true")]),
        ({"query": "Lock:$"}, []),
        ({"query": "Lock:$", "regex": True}, [LOCK_PY]),
        ({"query": r"^class\s+\w+lock", "regex": True, "case_sensitive": False}, [LOCK_PY]),
        ({"query": r"^class\s+\w+lock", "regex": True, "case_sensitive": True}, []),
        ({"query": "lock", "regex": True, "max_results": 1}, [("README.md", 2, "The lock is in src.")]),
        ({"query": "[[a]lock", "regex": True}, []),
    ],
)
def test_hits_come_in_path_order(
    workspace: Workspace, arguments: dict[str, Any], expected: list[tuple[str, int, str]]
) -> None:
    """Every argument of the tool does what its name says; hidden and generated files are not searched."""
    assert found(workspace, **arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "`query` is missing"),
        ({"query": ""}, "is empty"),
        ({"query": "a\nb"}, "spans lines"),
        ({"query": "(", "regex": True}, "not a valid regular expression: missing )"),
        ({"query": "(" * 5000, "regex": True}, "not a valid regular expression"),
        ({"query": "a", "max_results": 1001}, "from 1 to 1000"),
        ({"query": "a", "max_results": 0}, "from 1 to 1000"),
        ({"query": "a", "path": "nowhere", "regex": True}, "does not exist"),
        ({"query": "a", "path": "../..", "regex": True}, "`..`"),
        ({"query": "a", "path": "huge.txt"}, "larger than 10 MB"),
        ({"query": "a", "paths": []}, "Unknown arguments: paths"),
    ],
)
def test_search_is_refused_in_words(workspace: Workspace, folder: Path, arguments: dict[str, Any], words: str) -> None:
    """A bad expression or path is told, whether the search runs here or apart."""
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(11 * 1024 * 1024)

    outcome = workspace.execute("search_in_code", arguments)

    assert isinstance(outcome, ToolFailed)
    assert words in outcome.error


def test_search_ends_when_the_expression_would_not(folder: Path) -> None:
    """An expression that takes longer than a lifetime is stopped, and the model told why."""
    (folder / "trap.txt").write_text("a" * 64 + "!\n")
    workspace = Workspace(folder, [SearchInCode(regex_seconds=1.0)])

    outcome = workspace.execute("search_in_code", {"query": "^(a+)+$", "regex": True})

    assert isinstance(outcome, ToolFailed)
    assert "took longer than 1 s" in outcome.error


def test_search_is_told_as_broken_off_when_its_process_dies(folder: Path) -> None:
    """A process that dies (out of memory, say) is an error of the call."""
    dying = SearchInCode(command=(sys.executable, "-I", "-c", "raise SystemExit(3)"))

    outcome = Workspace(folder, [dying]).execute("search_in_code", {"query": "a", "regex": True})

    assert isinstance(outcome, ToolFailed)
    assert "broke off" in outcome.error


def test_search_runs_nothing_from_the_searched_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named like a module of ours or of Python's is searched, not run."""
    for name in ("json.py", "re.py", "clients.py", "sitecustomize.py"):
        (folder / name).write_text(f"open({str(folder / 'was_run')!r}, 'w')\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))

    hits = found(Workspace(folder), query="was_run", regex=True)

    assert len(hits) == 4
    assert not (folder / "was_run").exists()


def test_odd_files_do_not_stop_a_search(workspace: Workspace, folder: Path) -> None:
    """Binary and huge files are passed over, undecodable letters replaced, line ends left out, long lines cut."""
    (folder / "binary.bin").write_bytes(b"needle\0")
    (folder / "huge.txt").write_bytes(b"needle\n" * (11 * 1024 * 1024 // 7))
    (folder / "latin.txt").write_bytes(b"caf\xe9 needle\r\n")
    (folder / "long.js").write_text("x" * 5000 + "needle" + "y" * 5000 + "\n" + "z" * 20_000 + "needle")

    hits = found(workspace, query="needle")

    assert hits[0] == ("latin.txt", 1, "caf\ufffd needle")
    assert [(path, line) for path, line, _ in hits[1:]] == [("long.js", 1)]
    assert hits[1][2] == "…" + "x" * 80 + "needle" + "y" * 314 + "…"


def test_search_is_refused_when_there_is_too_much(folder: Path) -> None:
    """A search that cannot finish says so instead of passing for a complete one."""
    wanted = Search("nothing like it", ".", "**", is_case_sensitive=False, is_regex=False, max_results=5)

    with pytest.raises(ToolRefused, match="name a smaller folder"):
        search(Folder(folder), wanted, max_bytes=10)


@pytest.mark.parametrize(
    ("path", "report"),
    [
        (".", {"hits": [{"path": "src/lock.py", "line": 4, "text": "class SessionLock:"}]}),
        ("nowhere", {"refused": "`nowhere` does not exist."}),
        ("x" * 300 + "/y", None),
    ],
)
def test_search_apart_reports_as_json(folder: Path, path: str, report: dict[str, Any] | None) -> None:
    """What runs in a process of its own takes and gives JSON, refusals and failures too."""
    wanted = Search("SessionLock", path, "**", is_case_sensitive=False, is_regex=True, max_results=5)

    told = json.loads(carry_out(json.dumps({"root": str(folder), "wanted": asdict(wanted)})))

    assert told == report or (report is None and list(told) == ["refused"])
