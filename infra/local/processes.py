"""Servers in the background: started detached, recognised later by their command line, stopped by their id."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from infra.local.errors import LocalCloudError

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02
STOP_GRACE_SECONDS = 5.0


class Process(NamedTuple):
    """One row of the process table."""

    pid: int
    parent: int
    command: str


def spawn(command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path) -> int:
    """Start a server that outlives us, in a session of its own so that Ctrl-C at our terminal does not reach it.

    Args:
        command: Absolute path of the program, then its arguments.
        environment: All it sees.
        folder: Where it runs and may leave files.
        log: File that takes its output, emptied first.

    Returns:
        Its process id, which is also the id of its process group.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    shell = "/bin/sh"
    return os.posix_spawn(
        shell,
        # The shell only changes the folder, which posix_spawn cannot, and becomes the program.
        [shell, "-c", 'cd "$0" && unset PWD OLDPWD && exec "$@"', str(folder), *command],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def is_ours(pid: int, mark: str) -> bool:
    """Whether a process lives and is the one that was started from here.

    Args:
        pid: Its recorded id.
        mark: What its command line must contain if an earlier command started it, since ids are reused. A child of
            this process needs none; its id stays its own until it is collected, which happens here.
    """
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return any(process.pid == pid and mark in process.command for process in process_table())


def stop(pid: int, mark: str) -> bool:
    """End a server and everything it started, politely first.

    Args:
        pid: Its recorded id.
        mark: What its command line must contain; a process without it is somebody else's and is left alone.

    Returns:
        Whether it was there.
    """
    if not is_ours(pid, mark):
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_GRACE_SECONDS
    while is_ours(pid, mark) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    # Also when it went by itself: workers in the middle of a request outlive it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    while is_ours(pid, mark):
        time.sleep(POLL_SECONDS)
    return True


def children(pid: int) -> list[Process]:
    """The processes that a process has started and that still live."""
    return [process for process in process_table() if process.parent == pid]


def process_table(proc: Path = Path("/proc")) -> list[Process]:
    """Every process on this machine that runs a program; one that has ended and waits for its parent runs none.

    Args:
        proc: Where Linux lists them; where there is no such folder, `ps` is asked.
    """
    if proc.is_dir():
        rows = [_from_proc(entry) for entry in proc.iterdir() if entry.name.isdecimal()]
        return [row for row in rows if row is not None]
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,command="], capture_output=True, text=True, check=True)
    fields = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [Process(int(row[0]), int(row[1]), row[2]) for row in fields if len(row) == 3]


def _from_proc(entry: Path) -> Process | None:
    try:
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        # The name in parentheses may hold anything; the parent is the second field after its end.
        parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Process(int(entry.name), parent, command) if command else None


def choose_port(requested: int | None) -> int:
    """A port that is free on the loopback address.

    Args:
        requested: The only acceptable one, or None for any.

    Raises:
        LocalCloudError: the requested one is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, requested or 0))
        except OSError as error:
            raise LocalCloudError(
                f"Port {requested} cannot be used ({error.strerror}): set PORT to another one, "
                "or leave it out and a free one is taken."
            ) from error
        port: int = probe.getsockname()[1]
        return port
