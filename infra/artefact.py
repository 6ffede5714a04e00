"""The artefact of the cloud: two zip files, proved to be small, complete and importable.

`python -m infra.artefact` builds them into `.build/aws`, and prints what they weigh. The same sources and lock give the
same bytes. Every function is imported in an interpreter of its own that has nothing but what Lambda brings: from the
artefact itself where this machine runs what the cloud runs. Elsewhere its native modules cannot be loaded; then the
import is from the local cloud's build of the same inputs, after comparing that everything else in it is the same.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from functions.catalog import CATALOG, Function
from functions.runtime.settings import Settings
from infra.local.layout import CLOUD_VENV, ROOT
from infra.packaging import BUILD, PACKED_LIMIT_BYTES, Packages, PackagingError, build, zipped
from infra.target import AWS, LOCAL

LAMBDA_BRINGS = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")

_MADE_HERE = frozenset({".pyc", ".so"})
"""Endings of files that depend on the machine they are for."""

_IMPORT = """
import importlib, json, sys

sys.path[:0] = json.loads(sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
if not callable(getattr(importlib.import_module(module), name)):
    sys.exit(f"{sys.argv[2]} is nothing that Lambda can call")
"""


@dataclass(frozen=True)
class Part:
    """One of the two zip files.

    Attributes:
        name: Of the file, without ending.
        archive: The file.
        files: How many are in it.
        compiled: How many of them are .pyc; none when no interpreter of the cloud's version was there to write them.
        sha256: Of its bytes, hexadecimal.
    """

    name: str
    archive: Path
    files: int
    compiled: int
    sha256: str

    @property
    def size(self) -> int:
        """Bytes, zipped."""
        return self.archive.stat().st_size


@dataclass(frozen=True)
class Interpreter:
    """What imports the functions.

    Attributes:
        path: Of the program.
    """

    path: Path = CLOUD_VENV / "bin" / "python"

    def native_suffix(self) -> str:
        """Return how its native modules end, which names version, processor and system."""
        asked = "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"
        done = subprocess.run([self.path, "-I", "-c", asked], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def failure(self, row: Function, packages: Packages) -> str | None:
        """Return why the function does not start from `packages`; None when it does."""
        done = subprocess.run(
            [
                *(str(self.path), "-I", "-c", _IMPORT),
                json.dumps([str(packages.functions), str(packages.layer / "python")]),
                row.entry_point,
            ],
            env=dict.fromkeys(Settings.environment_names().values(), "offline")
            | {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        return None if done.returncode == 0 else f"{row.name}: {done.stderr.strip()}"

    def failures(self, packages: Packages, rows: Sequence[Function] = CATALOG) -> list[str]:
        """Return why functions do not start, one sentence each; nothing when all do."""
        with ThreadPoolExecutor() as pool:
            return [said for said in pool.map(lambda row: self.failure(row, packages), rows) if said]


def pack(packages: Packages, folder: Path) -> tuple[Part, Part]:
    """Write both zip files into `folder` and return them: the layer, the functions."""
    return _pack("layer", packages.layer, folder), _pack("functions", packages.functions, folder)


def _pack(name: str, packed: Path, folder: Path) -> Part:
    data = zipped(packed)
    archive = folder / f"{name}.zip"
    archive.write_bytes(data)
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    compiled = sum(name.endswith(".pyc") for name in names)
    return Part(name, archive, len(names), compiled, sha256(data).hexdigest())


def brought_along(packages: Packages) -> list[str]:
    """Return what the layer carries although Lambda brings it."""
    return [name for name in LAMBDA_BRINGS if (packages.layer / "python" / name).exists()]


def native_suffixes(packages: Packages) -> set[str]:
    """Return how the native modules of `packages` end, from the first dot on."""
    return {path.name[path.name.index(".") :] for path in packages.layer.rglob("*.so")}


def differences(one: Packages, other: Packages) -> list[str]:
    """Return the files that one has and the other not, or not the same; native modules and .pyc files do not count."""
    left, right = _contents(one), _contents(other)
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def _contents(packages: Packages) -> dict[str, str]:
    return {
        f"{part.name}/{path.relative_to(part).as_posix()}": sha256(path.read_bytes()).hexdigest()
        for part in (packages.layer, packages.functions)
        for path in part.rglob("*")
        if path.is_file() and path.suffix not in _MADE_HERE
    }


def importable(artefact: Packages, interpreter: Interpreter, local: Packages | None = None) -> tuple[Packages, str]:
    """Return the packages that `interpreter` can import from in place of the cloud, and the sentence that says which.

    Args:
        artefact: The cloud's.
        interpreter: Whose native modules count.
        local: The local build; made when it is needed and not given.

    Raises:
        PackagingError: the local build differs in more than what is made for a machine.
    """
    suffix = interpreter.native_suffix()
    wanted = native_suffixes(artefact)
    if wanted == {suffix}:
        return artefact, "from the artefact itself"
    local = local or build(LOCAL)
    unlike = differences(artefact, local)
    if unlike:
        raise PackagingError(f"the local build is of other inputs: {', '.join(unlike[:5])}")
    return local, (
        f"from the local build, since the artefact's native modules ({', '.join(sorted(wanted))}) do not load here "
        f"({suffix}); every other file is the same"
    )


def main() -> int:
    """Build, check, and say what was found.

    Returns:
        The exit code: 0, or 1 when the artefact is too heavy, carries what Lambda brings, or does not start.
    """
    packages = build(AWS)
    parts = pack(packages, BUILD / AWS.name)
    for part in parts:
        shown = part.archive.relative_to(ROOT)
        print(
            f"{shown}: {part.size / 1024**2:.2f} MB, {part.files} files, {part.compiled} of them .pyc, "
            f"SHA-256 {part.sha256[:12]}…"
        )
    total = sum(part.size for part in parts)
    print(f"Together {total / 1024**2:.2f} MB of {PACKED_LIMIT_BYTES / 1024**2:.0f} MB allowed, without the SDK")
    source, said = importable(packages, Interpreter())
    faults = Interpreter().failures(source)
    print(f"{len(CATALOG) - len(faults)} of {len(CATALOG)} functions import, {said}")
    spare = brought_along(packages)
    for fault in (*faults, *(f"the layer carries {name}, which Lambda brings" for name in spare)):
        print(fault, file=sys.stderr)
    return 1 if faults or spare or total > PACKED_LIMIT_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
