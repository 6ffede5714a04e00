"""Background servers are recognised by their command line and stopped with everything they started."""

import os
import socket
import sys
from pathlib import Path

import pytest

from infra.local import processes
from infra.local.environment import clean
from infra.local.errors import LocalCloudError

# Starts a child that ignores the polite request to end, says who it is, and waits.
SERVER = """
import signal, subprocess, sys
stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""


def start(tmp_path: Path) -> int:
    """A server with a mark of its own, ready."""
    log = tmp_path / "log"
    pid = processes.spawn(
        [sys.executable, f"-Xstate={tmp_path}", "-c", SERVER], environment=clean(), folder=tmp_path, log=log
    )
    while not log.read_text().endswith("\n"):
        pass
    return pid


def test_process_is_ours_only_with_our_mark(tmp_path: Path) -> None:
    """Of a process that another command started, the id alone proves nothing, since ids are reused."""
    pid = start(tmp_path)
    child = int((tmp_path / "log").read_text())

    assert processes.is_ours(child, "signal.SIG_IGN")
    assert not processes.is_ours(child, f"-Xstate={tmp_path}")
    assert processes.stop(pid, f"-Xstate={tmp_path}")


def test_process_is_left_alone_when_it_is_somebody_elses() -> None:
    """Our own test run has no mark, so a recorded id that became it is not stopped."""
    assert not processes.stop(os.getpid(), "-Xstate=/another")


def test_children_go_too_when_server_is_stopped(tmp_path: Path) -> None:
    """A worker that ignores the polite request does not outlive its server."""
    pid = start(tmp_path)
    child = int((tmp_path / "log").read_text())
    assert [row.pid for row in processes.children(pid)] == [child]

    processes.stop(pid, f"-Xstate={tmp_path}")

    while child in {row.pid for row in processes.process_table()}:
        pass
    assert not processes.is_ours(pid, f"-Xstate={tmp_path}")
    assert not processes.stop(pid, f"-Xstate={tmp_path}")


def test_server_sees_only_its_environment_and_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person's environment holds stays outside."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    log = tmp_path / "log"

    pid = processes.spawn(
        [sys.executable, "-c", "import os; print(os.getcwd(), *sorted(os.environ))"],
        environment=clean(ONE="1"),
        folder=tmp_path,
        log=log,
    )
    while processes.is_ours(pid, ""):
        pass

    folder, *variables = log.read_text().split()
    assert folder == str(tmp_path)
    assert set(variables) - {"LC_CTYPE"} == {"LANG", "ONE", "PATH"}


def test_ps_is_asked_where_there_is_no_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended processes without a command are left out; commands keep their spaces."""
    ps = tmp_path / "ps"
    ps.write_text("#!/bin/sh\necho '  1  0 /sbin/launchd\n 200  1 /usr/bin/python -m ministack\n 300  200 '\n")
    ps.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert processes.process_table(tmp_path / "no proc") == [
        processes.Process(1, 0, "/sbin/launchd"),
        processes.Process(200, 1, "/usr/bin/python -m ministack"),
    ]


def test_port_is_refused_when_taken() -> None:
    """The port is named and so is the way out."""
    with socket.socket() as taken:
        taken.bind((processes.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(LocalCloudError, match=f"Port {port} cannot be used.*set PORT to another one"):
            processes.choose_port(port)


def test_port_is_the_requested_one_when_free() -> None:
    """A free port is found, and then granted by name."""
    port = processes.choose_port(None)

    assert processes.choose_port(port) == port
