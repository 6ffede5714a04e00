"""`make demo` as a person runs it."""

import subprocess
import sys

import pytest

from infra.local import processes
from infra.local.layout import ROOT, STATE


@pytest.mark.usefixtures("cloud")
def test_demo_answers_and_leaves_nothing_when_another_system_runs() -> None:
    """One real conversation in a system of its own, beside any other; afterwards it is gone."""
    demo = subprocess.run(
        [sys.executable, "-m", "infra.local", "demo"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "infra/" in demo.stdout or "functions/" in demo.stdout
    assert not [row for row in processes.process_table() if f"-Xstate={STATE}/demo-" in row.command]
    assert list(STATE.glob("demo-*")) == []
