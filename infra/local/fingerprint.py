"""Whether the sources have changed since something was made from them."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCES = ("domain", "functions", "infra", "cdk.json", "pyproject.toml")


def source_fingerprint(root: Path, context: Mapping[str, str] | None = None) -> str:
    """A hash of everything that the deployed system is made from, and of the Python that makes it.

    Args:
        root: The checkout.
        context: What the application is told besides.

    Returns:
        64 hexadecimal digits; the same for the same contents, wherever the checkout lies.
    """
    digest = hashlib.sha256(sys.version.encode())
    digest.update(json.dumps(dict(context or {}), sort_keys=True).encode())
    for path in _files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\n{path.relative_to(root).as_posix()}\0{content}".encode())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        top = root / source
        found = top.rglob("*") if top.is_dir() else (top,)
        yield from sorted(path for path in found if path.is_file() and path.suffix != ".pyc")
