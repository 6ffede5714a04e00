"""Makes the Python environments from their lock files: `python3 -m infra.local.bootstrap NAME...`.

It runs on the system's Python before anything is installed, so it uses the standard library alone, and it parses on
Python 3.7 so that an old interpreter gets a sentence and not a syntax error. It installs `uv` from a hash-pinned lock
with pip; `uv` fills the other environments in seconds. An environment that is up to date costs nothing: its stamp
holds the hash of the lock, the interpreter and its own place.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.errors import LocalCloudError
from infra.local.layout import AUDIT_VENV, CLOUD_VENV, LOCKS, PEERS_VENV, SAM_VENV, STATE, UV_VENV, VENV
from infra.local.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
FREE_BYTES_NEEDED = 2 * 1024**3


def _digest(*facts: str) -> str:
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


@dataclass(frozen=True)
class Environment:
    """One virtual environment and what fills it.

    Args:
        title: What to call it in a progress line.
        folder: Where it is made.
        lock: The file that pins every package in it.
    """

    title: str
    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        """Its interpreter, there or not."""
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The file that says what it was last filled with; missing while that is being changed."""
        return self.folder / ".installed"

    def expected_stamp(self) -> str:
        """What its stamp reads when it is up to date: the interpreter's line, then the lock's."""
        return f"{self._interpreter()}\n{_digest(self.lock.read_text())}\n"

    def is_current(self) -> bool:
        """Whether it holds exactly what its lock says, on this interpreter."""
        return self._stamped() == self.expected_stamp()

    def has_interpreter(self) -> bool:
        """Whether it exists and runs on this interpreter, so that only packages can be missing."""
        return self._stamped().startswith(self._interpreter())

    def _interpreter(self) -> str:
        # The folder is part of it because scripts in an environment name it: a moved checkout is made anew.
        return _digest(sys.version, sys.base_prefix, str(self.folder))

    def _stamped(self) -> str:
        return self.stamp.read_text() if self.python.exists() and self.stamp.is_file() else ""

    def package_count(self) -> int:
        """How many packages its lock pins."""
        return len(re.findall(r"^[\w.-]+==", self.lock.read_text(), flags=re.MULTILINE))


UV = Environment("installer", UV_VENV, LOCKS / "uv.txt")
ENVIRONMENTS = {
    "uv": UV,
    "dev": Environment("packages", VENV, LOCKS / "dev.txt"),
    "cloud": Environment("local cloud", CLOUD_VENV, LOCKS / "cloud.txt"),
    "sam": Environment("SAM tools", SAM_VENV, LOCKS / "sam.txt"),
    "audit": Environment("the auditor", AUDIT_VENV, LOCKS / "audit.txt"),
    "peers": Environment("peers of the benchmark", PEERS_VENV, LOCKS / "peers.txt"),
}


def check_python(version: tuple[int, ...]) -> None:
    """Refuse an interpreter that is too old.

    Args:
        version: Major and minor first, as in `sys.version_info`.

    Raises:
        LocalCloudError: it is older than 3.11.
    """
    if version[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise LocalCloudError(
            f"Python {wanted} or newer is needed, this is {version[0]}.{version[1]}: "
            "install one and name it, for example `make demo PYTHON=python3.13`."
        )


def check_venv(modules: Sequence[str] = ("venv", "ensurepip")) -> None:
    """Refuse a Python whose distribution left out what makes environments.

    Args:
        modules: What must be there.

    Raises:
        LocalCloudError: one of them is not installed.
    """
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise LocalCloudError(
            "This Python has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)."
        )


def check_node(node: str | None) -> None:
    """Refuse a missing or an old Node, which the CDK's language bridge runs on.

    Args:
        node: Path of the program, None when there is none.

    Raises:
        LocalCloudError: there is none, or it is older than 20.
    """
    wanted = f"Node.js {OLDEST_NODE} or newer is needed (the AWS CDK runs on it)"
    if node is None:
        raise LocalCloudError(f"{wanted} and there is none on PATH: install it, from your package manager for example.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found.group(1)) < OLDEST_NODE:
        raise LocalCloudError(f"{wanted}, this is {version or 'one that does not start'}: upgrade it.")


def check_disk(free_bytes: int) -> None:
    """Refuse an installation that would fill the disk.

    Raises:
        LocalCloudError: less than 2 GiB are free.
    """
    if free_bytes < FREE_BYTES_NEEDED:
        raise LocalCloudError(
            f"Only {free_bytes / 1024**3:.1f} GiB are free on the disk of this checkout and an installation needs "
            f"{FREE_BYTES_NEEDED / 1024**3:.0f}: free some and run the command again."
        )


def ensure(environment: Environment, *, uv: Environment = UV) -> None:
    """Make an environment, or bring it up to date; leave one that is current alone.

    Args:
        environment: What to make.
        uv: The installer, made first if it is not there; it is itself installed by pip.

    Raises:
        LocalCloudError: the disk is full, or the packages cannot be had.
    """
    if environment.is_current():
        return
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    check_disk(shutil.disk_usage(environment.folder.parent).free)
    if environment != uv:
        ensure(uv, uv=uv)
    with step(f"Install {environment.title} ({environment.package_count()} pinned)"):
        keep = environment.has_interpreter()
        environment.stamp.unlink(missing_ok=True)
        if environment == uv:
            _install_with_pip(environment)
        else:
            _install_with_uv(environment, uv, keep=keep)
        environment.stamp.write_text(environment.expected_stamp())


def _install_with_pip(environment: Environment) -> None:
    _run(sys.executable, "-m", "venv", "--clear", str(environment.folder))
    _run(
        *(str(environment.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--retries", "2", "--only-binary", ":all:", "--require-hashes", "--requirement", str(environment.lock)),
    )


def _install_with_uv(environment: Environment, installer: Environment, *, keep: bool) -> None:
    uv = str(installer.folder / "bin" / "uv")
    if not keep:
        _run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(environment.folder))
    _run(
        *(uv, "pip", "sync", "--quiet", "--require-hashes", "--no-build"),
        *("--python", str(environment.python), str(environment.lock)),
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        check_disk(shutil.disk_usage(STATE).free)
        raise LocalCloudError(
            f"{done.stdout.strip()}\n"
            f"Installing failed (above is what {command[0].rpartition('/')[2]} said): the package registry must be "
            "reachable, directly or as pip and uv are configured on this machine. Run the command again when it is."
        )


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep two commands in one checkout from filling the same environment."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "bootstrap.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(names: Sequence[str]) -> int:
    """Make the named environments.

    Returns:
        The exit code: 0, or 1 after a sentence on standard error.
    """
    try:
        check_python(sys.version_info[:2])
        check_venv()
        check_node(shutil.which("node"))
        with one_at_a_time():
            for name in names:
                ensure(ENVIRONMENTS[name])
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
