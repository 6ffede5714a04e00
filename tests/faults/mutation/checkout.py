"""A copy of the checkout in which mistakes may be made, and pytest run."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from infra.local.environment import inherited
from infra.local.layout import ROOT
from tests.faults.mutation.mutants import Mutant

MADE = shutil.ignore_patterns(".*", "node_modules", "cdk.out")
"""What is made in a checkout; a copy does without."""

OUTER = ("COV_", "COVERAGE_PROCESS", "PYTEST_")
"""Variables by which a pytest around this one would measure it as part of itself."""

PYTEST = ("pytest", "-p", "no:cacheprovider", "-p", "tests.faults.mutation.selection", "--quiet", "-rN")


class Run(NamedTuple):
    """How a run of pytest ended.

    Attributes:
        code: Its exit code; None when it was ended because it took too long.
        output: What it said.
    """

    code: int | None
    output: str


class Checkout:
    """A copy of this checkout; nothing that happens in it reaches the original.

    Args:
        folder: Where it is made, not there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=MADE)

    def pytest(self, *arguments: str, seconds: float, **environment: str) -> Run:
        """Run pytest in the copy, and end it with all that it started when it takes longer than `seconds`."""
        with subprocess.Popen(
            (sys.executable, "-m", *PYTEST, *arguments),
            cwd=self.folder,
            env={name: value for name, value in inherited(**environment).items() if not name.startswith(OUTER)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                return Run(None, output)
            return Run(process.returncode, output)

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
