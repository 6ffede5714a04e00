"""Builds what Lambda gets: the layer (`domain` and the packages) and the function package (`functions`).

`python -m infra.packaging [aws|local]` builds and prints the sizes; the CDK app builds by itself. Nothing is done when
no input has changed. The result is the same wherever and whenever it is built from the same inputs, so the asset hashes
are stable: no timestamps, no paths, no order of the file system.
"""

import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra import stripping
from infra.local.layout import CLOUD_VENV, LOCKS, ROOT, UV_VENV
from infra.target import AWS, LOCAL, TARGETS, Target

BUILD = ROOT / ".build"
LAMBDA_PYTHON = "3.13"
"""What the cloud's functions run on."""

PACKED_LIMIT_BYTES = 6 * 1024 * 1024
"""Zipped, layer and functions together: a worker unpacks them at every cold start."""

_EPOCH = 315532800  # 1980-01-01, the oldest time a zip can tell


class PackagingError(Exception):
    """The packages cannot be built; the text says what is missing and how to get it."""


@dataclass(frozen=True)
class Packages:
    """The two folders that become assets.

    Attributes:
        layer: Holds `python/`, which Lambda puts on the import path.
        functions: Holds the package `functions`.
    """

    layer: Path
    functions: Path

    def packed_bytes(self) -> int:
        """Return the size of both, zipped as for an upload."""
        return sum(len(zipped(folder)) for folder in (self.layer, self.functions))


@dataclass(frozen=True)
class Tools:
    """The programs that build.

    Attributes:
        uv: The installer.
        python: Interpreter whose wheels are taken when the target names no platform.
        compiler: Interpreter that writes the .pyc files, None when none has the target's version: Lambda then compiles
            at each cold start, which works and is two to three times slower.
    """

    uv: str
    python: str
    compiler: str | None

    @classmethod
    def found(cls, target: Target, *, uv_venv: Path = UV_VENV, cloud_venv: Path = CLOUD_VENV) -> Self:
        """Return those of this machine.

        Args:
            target: Whose version the compiler must have.
            uv_venv: Where our own uv is; one on PATH does when it is not there.
            cloud_venv: What local functions run on; this interpreter does when it is not there.

        Raises:
            PackagingError: there is no uv.
        """
        own = uv_venv / "bin" / "uv"
        uv = str(own) if own.exists() else shutil.which("uv")
        if uv is None:
            raise PackagingError("uv is not installed: run `make check` once, which installs it, or `pip install uv`.")
        cloud = cloud_venv / "bin" / "python"
        python = str(cloud) if cloud.exists() else sys.executable
        return cls(uv, python, python if target.wheel_platform is None else _lambda_python(uv))


def build(target: Target, *, root: Path = ROOT, into: Path = BUILD, tools: Tools | None = None) -> Packages:
    """Build what has changed.

    Args:
        target: Whose wheels and whose .pyc files.
        root: The checkout to take sources and lock from.
        into: Where a folder per target is kept.
        tools: The programs to build with; those found here unless given.

    Raises:
        PackagingError: the packages cannot be installed.
    """
    tools = tools or Tools.found(target)
    folder = into / target.name
    packages = Packages(folder / "layer", folder / "functions")
    lock = LOCKS.relative_to(ROOT) / "layer.txt"
    rules = [Path(module).read_text() for module in (__file__, stripping.__file__)]
    base = _digest([target.name, _version(tools.python), _version(tools.compiler), *rules])
    wheels = folder / "wheels"

    def install(place: Path) -> None:
        _install(root / lock, place, target, tools)
        stripping.strip(place)
        _compile(place, "/opt/python", tools)

    def layer(place: Path) -> None:
        shutil.copytree(wheels, place / "python")
        _copy_sources(root / "domain", place / "python" / "domain")
        _compile(place / "python" / "domain", "/opt/python/domain", tools)

    def functions(place: Path) -> None:
        _copy_sources(root / "functions", place / "functions")
        _compile(place / "functions", "/var/task/functions", tools)

    with _alone(folder):
        if tools.compiler is None:
            print(
                f"No Python {LAMBDA_PYTHON} here, so the packages carry no .pyc files: cold starts are slower. "
                f"`uv python install {LAMBDA_PYTHON}` provides one.",
                file=sys.stderr,
            )
        locked = _digest([base, (root / lock).read_text()])
        _refresh(wheels, locked, install)
        _refresh(packages.layer, _digest([locked, *_sources(root, "domain")]), layer)
        _refresh(packages.functions, _digest([base, *_sources(root, "functions")]), functions)
    return packages


def _refresh(folder: Path, inputs: str, fill: Callable[[Path], None]) -> None:
    """Make `folder` anew unless it was made from the same inputs."""
    stamp = folder.with_suffix(".inputs")
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == inputs:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    # Filled elsewhere and moved, so that a build that was interrupted is not taken for one that ended.
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        place = Path(temporary) / "filled"
        place.mkdir()
        fill(place)
        for path in [place, *place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (_EPOCH, _EPOCH))
        place.rename(folder)
    stamp.write_text(inputs)


def _install(lock: Path, place: Path, target: Target, tools: Tools) -> None:
    platform = (
        ()
        if target.wheel_platform is None
        else ("--python-platform", target.wheel_platform, "--python-version", LAMBDA_PYTHON)
    )
    _run(
        *(tools.uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--link-mode", "copy", "--python", tools.python, *platform),
        *("--target", str(place), "--requirement", str(lock)),
    )


def _copy_sources(package: Path, place: Path) -> None:
    shutil.copytree(package, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


def _compile(place: Path, name: str, tools: Tools) -> None:
    """Write .pyc files that are never checked against their source, so that no import asks for a source's time."""
    if tools.compiler is None:
        return
    _run(
        *(tools.compiler, "-I", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(place), "-p", name, str(place)),
        # Sets of constants are written in hash order.
        environment={**os.environ, "PYTHONHASHSEED": "0"},
    )


def _lambda_python(uv: str) -> str | None:
    """Return an interpreter of the cloud's version; a .pyc of any other is ignored there."""
    found = subprocess.run(
        [uv, "python", "find", "--no-project", "--no-python-downloads", LAMBDA_PYTHON],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None


def _version(python: str | None) -> str:
    return "" if python is None else _run(python, "-VV")


def _sources(root: Path, package: str) -> Iterator[str]:
    for path in sorted((root / package).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _run(*command: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, check=False
    )
    if done.returncode:
        raise PackagingError(f"{' '.join(Path(part).name for part in command[:4])} failed:\n{done.stdout.strip()}")
    return done.stdout


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep two builds of one target apart."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def zipped(folder: Path) -> bytes:
    """Return the files of `folder` as a zip: the same bytes for the same files, in whichever time zone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            # What Lambda unpacks must be readable by whoever it runs functions as.
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def main(names: Sequence[str], *, packages_of: Callable[[Target], Packages] = build) -> int:
    """Build the named targets, both when none is named, and print what they weigh.

    Args:
        names: Of targets.
        packages_of: Builds one.

    Returns:
        The exit code: 0, or 1 when one is heavier than it may be.
    """
    heavy = False
    for target in [TARGETS[name] for name in names] or [AWS, LOCAL]:
        packed = packages_of(target).packed_bytes()
        heavy |= packed > PACKED_LIMIT_BYTES
        print(f"{target.name}: {packed / 1024**2:.2f} MB zipped of {PACKED_LIMIT_BYTES / 1024**2:.0f} MB allowed")
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
