"""`execute_command` runs what was allowed, within bounds, and leaves nothing running."""

import os
import signal
import threading
import time
from pathlib import Path
from select import select
from typing import Any

import pytest

from clients.tools.command_environment import for_commands
from clients.tools.command_output import HEAD_BYTES, TAIL_BYTES
from clients.tools.execute_command import ExecuteCommand
from clients.tools.outcome import ToolFailed
from clients.workspace import Workspace
from tests.clients.folders import error, proposal, result

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"


@pytest.fixture
def pipe(folder: Path) -> Path:
    """Return a named pipe; opening it waits until the other side opens it, too."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def has_ended(pid: int) -> bool:
    """Return whether a process that is not our child ends; a killed one takes a moment to."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_command_runs_in_its_folder_and_tells_everything(hands: Workspace, folder: Path) -> None:
    """Streams, exit code and place are those of the command."""
    told = result(hands, "execute_command", command="pwd -P; echo 'e; $HOME' >&2; exit 3", cwd="src")

    assert told == {
        "exit_code": 3,
        "stdout": f"{folder / 'src'}\n",
        "stderr": "e; $HOME\n",
        "truncated": False,
        "timed_out": False,
    }


def test_failing_command_is_a_result(hands: Workspace) -> None:
    """A command that is not there, and one that a signal ends, have exit codes."""
    assert result(hands, "execute_command", command="no-such-command")["exit_code"] == 127
    assert result(hands, "execute_command", command="kill -9 $$")["exit_code"] == -9


def test_command_gets_no_input_and_no_terminal(hands: Workspace) -> None:
    """What waits for a person ends at once."""
    told = result(hands, "execute_command", command="cat; (: </dev/tty) 2>/dev/null || echo none; ps -o tty= -p $$")

    assert told["stdout"].split()[0] == "none"
    assert told["exit_code"] == 0


def test_command_is_killed_with_all_it_started_when_time_is_up(hands: Workspace) -> None:
    """Nothing of the group outlives the time; what was printed until then is told."""
    told = result(hands, "execute_command", command="sleep 300 & echo $! $$; wait", timeout=1)

    assert (told["exit_code"], told["timed_out"]) == (None, True)
    assert all(has_ended(int(pid)) for pid in told["stdout"].split())


def test_nothing_is_left_in_the_background(hands: Workspace) -> None:
    """A command ends with its shell, whatever it left behind."""
    told = result(hands, "execute_command", command="sleep 300 & echo $!")

    assert (told["exit_code"], told["timed_out"]) == (0, False)
    assert has_ended(int(told["stdout"]))


@pytest.mark.usefixtures("pipe")
def test_result_comes_when_a_process_got_away_with_the_pipe(hands: Workspace, folder: Path) -> None:
    """A process that left the group keeps the pipe open; the result does not wait for it."""
    command = "setsid sh -c 'echo $$ > pid; echo out; : > pipe; sleep 300' & read line < pipe; echo done"
    opened = time.monotonic()

    told = result(hands, "execute_command", command=command)
    os.kill(int((folder / "pid").read_text()), signal.SIGKILL)

    assert told["stdout"].splitlines() == ["out", "done"]
    assert time.monotonic() - opened < 60


def test_command_is_stopped_by_another_thread(folder: Path, pipe: Path) -> None:
    """A stopped command has no result; the next one does."""
    command = ExecuteCommand({"PATH": "/usr/bin:/bin"})
    workspace = Workspace(folder, [command])
    command.stop()
    outcomes: list[Any] = []
    running = threading.Thread(
        target=lambda: outcomes.append(workspace.execute("execute_command", {"command": ": > pipe; sleep 300"}))
    )
    running.start()
    pipe.read_bytes()  # it runs now
    command.stop()
    running.join()

    assert outcomes == [ToolFailed("The user stopped the command.")]
    assert result(workspace, "execute_command", command="echo again")["stdout"] == "again\n"


@pytest.mark.parametrize("size", [HEAD_BYTES + TAIL_BYTES, HEAD_BYTES + TAIL_BYTES + 1, 5_000_000])
def test_beginning_and_end_are_kept_when_much_is_printed(hands: Workspace, folder: Path, size: int) -> None:
    """Up to the bound everything, beyond it both ends and how much is missing."""
    text = "".join(f"{number}\n" for number in range(size // 2))[:size]
    (folder / "big.txt").write_text(text)

    told = result(hands, "execute_command", command="cat big.txt; cat big.txt >&2")

    missing = size - HEAD_BYTES - TAIL_BYTES
    expected = f"{text[:HEAD_BYTES]}\n[… {missing} bytes left out …]\n{text[-TAIL_BYTES:]}" if missing else text
    assert told["stdout"] == told["stderr"] == expected
    assert told["truncated"] == (missing > 0)


def test_output_that_is_no_text_is_told_as_far_as_it_is(hands: Workspace) -> None:
    """Bytes outside UTF-8 become marks."""
    assert result(hands, "execute_command", command=r"printf 'a\377b'")["stdout"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "`command` is missing"),
        ({"command": " \n"}, "`command` is empty"),
        ({"command": "a\0b"}, "zero byte"),
        ({"command": "\ud800"}, "half a character"),
        ({"command": "ls", "timeout": 301}, "`timeout` must be from 1 to 300"),
        ({"command": "ls", "timeout": 0}, "`timeout` must be from 1 to 300"),
        ({"command": "ls", "cwd": ".."}, "contains `..`"),
        ({"command": "ls", "cwd": "/"}, "is absolute"),
        ({"command": "ls", "cwd": "out"}, "leads out"),
        ({"command": "ls", "cwd": "README.md"}, "`README.md` is not a folder"),
        ({"command": "ls", "cwd": "nowhere"}, "`nowhere` does not exist"),
        ({"command": "ls", "shell": True}, "Unknown arguments: shell"),
        ({"command": "x" * 3_000_000}, "Argument list too long"),
    ],
)
def test_command_is_refused_in_words(hands: Workspace, linked: Path, arguments: dict[str, Any], words: str) -> None:
    """What cannot be run is told before anybody is asked."""
    del linked
    outcome = hands.execute("execute_command", arguments)

    assert isinstance(outcome, ToolFailed)
    assert words in outcome.error
    if "x" not in arguments.get("command", "")[:1]:
        assert error(hands, "execute_command", **arguments) == outcome.error


def test_proposal_shows_the_command_whole(hands: Workspace) -> None:
    """What is allowed is what runs, where, and for how long."""
    here = proposal(hands, "execute_command", command="make test\nmake lint")
    there = proposal(hands, "execute_command", command="ls", cwd="src", timeout=5)

    assert (here.title, here.details) == ("Run this command, for at most 60 s:", "make test\nmake lint")
    assert there.title == "Run this command in `src`, for at most 5 s:"


def test_command_sees_no_secret(folder: Path) -> None:
    """Our token never reaches a command, whatever the variable is called."""
    command = ExecuteCommand({**os.environ, "AGENT_RUNTIME_TOKEN": TOKEN, "MINE": f"Bearer {TOKEN}", "CITY": "Riga"})

    told = result(Workspace(folder, [command]), "execute_command", command="env")

    assert "CITY=Riga" in told["stdout"].splitlines()
    assert TOKEN not in told["stdout"]


@pytest.mark.parametrize(
    ("name", "value", "is_kept"),
    [
        ("PATH", "/bin", True),
        ("HOME", "/home/me", True),
        ("KEYBOARD", "us", True),
        ("PATTERN", "a", True),
        ("AUTHOR", "me", True),
        ("SSH_AUTH_SOCK", "/run/agent", True),
        ("HTTP_PROXY", "http://proxy:3128", True),
        ("HTTPS_PROXY", "http://me:pw@proxy:3128", False),
        ("DATABASE_URL", "postgres://me:pw@host/db", False),
        ("REDIS", "redis://:pw@host", False),
        ("GITHUB_TOKEN", "x", False),
        ("github_token", "x", False),
        ("OPENAI_API_KEY", "x", False),
        ("APIKEY", "x", False),
        ("AWS_SECRET_ACCESS_KEY", "x", False),
        ("AWS_SESSION_TOKEN", "x", False),
        ("AWS_ACCESS_KEY_ID", "x", False),
        ("PGPASSWORD", "x", False),
        ("GPG_PASSPHRASE", "x", False),
        ("NPM_AUTH", "x", False),
        ("GOOGLE_APPLICATION_CREDENTIALS", "x", False),
        ("AGENT_RUNTIME_URL", "https://x", False),
        ("ANYTHING", TOKEN, False),
    ],
)
def test_environment_is_handed_on_without_secrets(name: str, value: str, *, is_kept: bool) -> None:
    """Names that say so, and values that show it, stay behind; the rest is needed."""
    assert (name in for_commands({name: value})) == is_kept
