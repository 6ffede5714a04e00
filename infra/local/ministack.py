"""MiniStack, the local cloud: started in an environment of its own on a loopback port, stopped by its id."""

import json
import re
import shutil
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from infra.local import processes
from infra.local.environment import REGION, clean
from infra.local.errors import LocalCloudError
from infra.local.layout import CLOUD_VENV

START_SECONDS = 30.0
LOG_NAME = "ministack.log"
_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 8


@dataclass(frozen=True)
class MiniStack:
    """One running MiniStack.

    Args:
        pid: Its process.
        port: Where it listens, on 127.0.0.1.
        state: The folder that holds its log and its temporary files; nobody else's.
    """

    pid: int
    port: int
    state: Path

    @classmethod
    def start(
        cls, state: Path, *, port: int | None = None, auth: bool = False, python: Path = CLOUD_VENV / "bin" / "python"
    ) -> Self:
        """Start one and wait until it answers.

        Args:
            state: Its folder, made if missing.
            port: The port to take; any free one when None.
            auth: Enforce IAM policies, so that a function can do only what its role says.
            python: The interpreter that has MiniStack, and that runs the Lambdas.

        Raises:
            LocalCloudError: its environment is missing, the port is taken, or it ended or stayed silent.
        """
        if not python.exists():
            raise LocalCloudError("The local cloud is not installed: run `make up`, which installs and starts it.")
        temporary = state / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        chosen = processes.choose_port(port)
        environment = clean(
            TMPDIR=str(temporary),
            HOME=str(temporary),
            STATE_DIR=str(temporary / "state"),
            S3_DATA_DIR=str(temporary / "s3"),
            BIND_HOST=processes.LOOPBACK,
            GATEWAY_PORT=str(chosen),
            MINISTACK_REGION=REGION,
            AUTH=str(auth).lower(),
            AWS_EC2_METADATA_DISABLED="true",
            IOT_MTLS_ENABLED="0",
            SFTP_ENABLED="0",
            PYTHONUNBUFFERED="1",
        )
        # Python ignores an option -X that it does not know; it is there for `_mark`.
        command = (str(python), f"-Xstate={state}", "-m", "ministack")
        pid = processes.spawn(command, environment=environment, folder=temporary, log=state / LOG_NAME)
        ministack = cls(pid, chosen, state)
        try:
            ministack._await_health()
        except BaseException:
            ministack.stop()
            raise
        return ministack

    def is_running(self) -> bool:
        """Whether its process lives and is ours."""
        return processes.is_ours(self.pid, _mark(self.state))

    def is_healthy(self) -> bool:
        """Whether it answers on its port."""
        connection = HTTPConnection(processes.LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return "services" in json.load(connection.getresponse())
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            connection.close()

    def worker_pids(self, function: str = "") -> list[int]:
        """The processes that run Lambdas now, warm or busy.

        Args:
            function: Only those of functions whose deployed name contains this; all when empty.
        """
        # MiniStack unpacks each worker into ministack-lambda-<function>-<random> and starts its script from there.
        worker = re.compile(rf"/ministack-lambda-[^/]*{re.escape(function)}[^/]*-[^/-]+/")
        return [child.pid for child in processes.children(self.pid) if worker.search(child.command)]

    def stop(self) -> bool:
        """End it and its workers and remove its temporary files.

        Returns:
            Whether it was running.
        """
        was_running = processes.stop(self.pid, _mark(self.state))
        shutil.rmtree(self.state / "tmp", ignore_errors=True)
        return was_running

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            if not self.is_running():
                raise LocalCloudError(f"MiniStack ended while it started; its last lines:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise LocalCloudError(
                    f"MiniStack did not answer within {START_SECONDS:.0f} s; its last lines:\n{self._log_tail()}"
                )
            time.sleep(_POLL_SECONDS)

    def _log_tail(self) -> str:
        lines = (self.state / LOG_NAME).read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])


def _mark(state: Path) -> str:
    """What our MiniStack's command line carries, so that no other process is ever taken for it."""
    return f"-Xstate={state} -m ministack"
