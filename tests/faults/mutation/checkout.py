"""A copy of the checkout in which mistakes may be made, and pytest run."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple, Self

from infra.local.environment import inherited
from infra.local.layout import ROOT
from tests.faults.mutation import forks
from tests.faults.mutation.mutants import Mutant
from tests.faults.mutation.trouble import MutationError

MADE = shutil.ignore_patterns(".*", "node_modules", "cdk.out")
"""What is made in a checkout; a copy does without."""

OUTER = ("COV_", "COVERAGE_PROCESS", "PYTEST_")
"""Variables by which a pytest around this one would measure it as part of itself."""

PYTEST = ("-p", "no:cacheprovider", "-p", "tests.faults.mutation.selection", "--quiet", "-rN", *forks.NO_REWRITING)
SAID = "said.txt"


class Run(NamedTuple):
    """How a run of pytest ended.

    Attributes:
        code: Its exit code; None when it was ended because it took too long.
        output: What it said.
    """

    code: int | None
    output: str


class Checkout:
    """A copy of this checkout; nothing that happens in it reaches the original. Used as a context, it ends its process.

    Args:
        folder: Where it is made, not there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=MADE)
        self._forks = subprocess.Popen(
            (sys.executable, "-m", forks.__name__),
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forks.communicate()

    def pytest(self, *arguments: str, seconds: float, **environment: str) -> Run:
        """Run pytest in the copy, and end it with all that it started when it takes longer than `seconds`.

        Raises:
            MutationError: there is nobody to run it.
        """
        assert self._forks.stdin
        assert self._forks.stdout
        said = self.folder / SAID
        order = {
            "arguments": [*PYTEST, *arguments],
            "environment": _environment(**environment),
            "output": str(said),
            "seconds": seconds,
        }
        self._forks.stdin.write(f"{json.dumps(order)}\n")
        self._forks.stdin.flush()
        answer = self._forks.stdout.readline()
        if not answer:
            raise MutationError(f"{forks.__name__} ended with {self._forks.wait()}.")
        return Run(json.loads(answer), said.read_text())

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """Let the copy have the mistake while the block runs."""
        module = self.folder / mutant.path
        self._write(module, mutant.text)
        try:
            yield
        finally:
            self._write(module, mutant.source)

    def _write(self, module: Path, text: str) -> None:
        # Bytecode is told to be stale by second and size, and a mutant may differ in neither.
        Path(cache_from_source(str(module))).unlink(missing_ok=True)
        module.write_text(text)


def _environment(**changes: str) -> dict[str, str]:
    return {name: value for name, value in inherited(**changes).items() if not name.startswith(OUTER)}
