"""The tool `execute_command`."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.folder import Folder, is_encodable
from clients.tools.arguments import Arguments
from clients.tools.command_environment import for_commands
from clients.tools.command_output import Clipped
from clients.tools.outcome import ToolRefused
from clients.tools.tool import Proposal

DEFAULT_SECONDS = 60
MAX_SECONDS = 300
_SHELL = "/bin/sh"


@dataclass(frozen=True)
class _Wanted:
    command: str
    real: Path
    seconds: int


class ExecuteCommand:
    """Runs a command in the shell, in a folder inside ours, as the person who allowed it could.

    It gets no input and no terminal, an environment without secrets, and a process group of its own, all of which ends
    with it: what it leaves behind in the background is killed.
    """

    name = "execute_command"
    narrowing = "let the command print less"

    def __init__(self, environment: Mapping[str, str], *, drain_seconds: float = 1.0) -> None:
        """Hand commands what is no secret of `environment`.

        Args:
            environment: The person's.
            drain_seconds: How long the last output may take after the command has ended.
        """
        self._environment = for_commands(environment)
        self._drain_seconds = drain_seconds
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    def run(self, folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{exit_code, stdout, stderr, truncated, timed_out}`.

        `exit_code` is negative for the signal that ended the command, None when it ran out of time. Of each stream the
        first 8 KB and the last 24 KB are kept, with a line between that says how much is missing.
        """
        wanted = _read(folder, arguments)
        streams = Clipped(), Clipped()
        try:
            process = self._start(wanted, *streams)
        finally:
            for stream in streams:
                stream.close_entrance()
        has_ended = self._wait(process, wanted.seconds)
        (out, out_cut), (err, err_cut) = (one.text(patience_seconds=self._drain_seconds) for one in streams)
        if self._is_stopped:
            raise ToolRefused("The user stopped the command.")
        return {
            "exit_code": process.returncode if has_ended else None,
            "stdout": out,
            "stderr": err,
            "truncated": out_cut or err_cut,
            "timed_out": not has_ended,
        }

    def propose(self, folder: Folder, arguments: Arguments) -> Proposal:
        """Show the command, where it runs and how long it may."""
        wanted = _read(folder, arguments)
        where = "" if wanted.real == folder.root else f" in `{folder.name_of(wanted.real)}`"
        return Proposal(f"Run this command{where}, for at most {wanted.seconds} s:", wanted.command)

    def stop(self) -> None:
        """Kill the command that runs now, if one does; another thread may call this."""
        with self._lock:
            if self._running is not None:
                self._is_stopped = True
                _kill_group(self._running)

    def _start(self, wanted: _Wanted, out: Clipped, err: Clipped) -> subprocess.Popen[bytes]:
        with self._lock:
            self._is_stopped = False
            self._running = subprocess.Popen(
                [_SHELL, "-c", wanted.command],
                cwd=wanted.real,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out.entrance,
                stderr=err.entrance,
                start_new_session=True,
            )
            return self._running

    def _wait(self, process: subprocess.Popen[bytes], seconds: int) -> bool:
        """Return whether the command ended by itself in time; nothing of its group runs on afterwards."""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        else:
            return True
        finally:
            with self._lock:
                self._running = None
            _kill_group(process)
            process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The number stays taken as long as anything of the group lives, also after its first process was waited for.
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that is only zombies
        os.killpg(process.pid, signal.SIGKILL)


def _read(folder: Folder, arguments: Arguments) -> _Wanted:
    command = arguments.text("command")
    cwd = arguments.text("cwd", ".")
    seconds = arguments.whole("timeout", DEFAULT_SECONDS, least=1, most=MAX_SECONDS) or DEFAULT_SECONDS
    arguments.finish()
    if not command.strip():
        raise ToolRefused("`command` is empty.")
    if not is_encodable(command):
        raise ToolRefused("`command` holds a zero byte or half a character.")
    real = folder.existing(cwd)
    if not real.is_dir():
        raise ToolRefused(f"`{cwd}` is not a folder.")
    return _Wanted(command, real, seconds)
