"""Schemathesis, told by docs/openapi.json what there is, sends the running system what fits it and what does not."""

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.local.layout import ROOT
from infra.local.walk.directives import plan, said, subtask, tool
from tests.e2e.user import User
from tests.support.api_contract import routes
from tests.support.figures import Figures
from tests.support.samples import sample_key

CONFIG = ROOT / "tests" / "fuzz" / "schemathesis.toml"
EXAMPLES, ALL_EXAMPLES = 4, 120
"""Of each operation and phase."""
GENERATED = re.compile(r"^\s*(\d+) generated", re.MULTILINE)
SESSIONS: dict[str, tuple[str, str | None]] = {
    "fuzz-idle": ("coder", None),
    "fuzz-reading": ("coder", tool("read_file", path="a.md")),
    "fuzz-asking": ("coder", tool("write_file", path="a.md", content="x")),
    "fuzz-planning": ("architect", plan("A plan", subtask("Look", "ask", said("seen")))),
    sample_key().session_id: ("ask", tool("read_file", path="README.md")),
}
"""Where the sessions stand that are named in the configuration or in the examples of the description."""


def command(mallory: User, examples: int, *more: str) -> list[str]:
    """Return the command that runs schemathesis against the cloud of `mallory`."""
    return [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG)),
        *("run", str(ROOT / "docs" / "openapi.json"), "--url", f"{mallory.url}/v1"),
        *("--header", f"Authorization: Bearer {mallory.token}", "--max-examples", str(examples), "--no-color", *more),
    ]


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Run it in `folder`, where it may leave what it wants, and return its exit code and all that it printed."""
    done = subprocess.run(  # a command of our own
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(1800)
def test_api_keeps_its_description_whatever_fits_it_or_does_not(
    mallory: User, tmp_path: Path, figures: Figures, *, whole: bool
) -> None:
    """Every check in every phase, stateful included: no 5xx, nothing undescribed, bad refused, good accepted."""
    for session_id, (agent, order) in SESSIONS.items():
        mallory.send("POST", "/sessions", {"session_id": session_id, "agent": agent})
        if order:
            mallory.send("POST", f"/sessions/{session_id}/messages", {"content": order})
    began = time.monotonic()

    code, printed = run(command(mallory, ALL_EXAMPLES if whole else EXAMPLES), tmp_path)

    sent = int(found[1]) if (found := GENERATED.search(printed)) else 0
    figures.note("hostile requests by schemathesis", sent=sent, seconds=time.monotonic() - began)
    repeat = "pytest " + ("--effort whole " if whole else "") + "tests/fuzz/test_schemathesis.py"
    assert code == 0, f"{printed}\nRepeat it with: {repeat}"
    assert sent > len(routes()) * EXAMPLES


def test_every_check_is_on_but_those_that_have_a_reason() -> None:
    """The configuration switches off two, each under a comment, and no phase; a new check is on by itself."""
    text = CONFIG.read_text(encoding="utf-8")
    configured: dict[str, Any] = tomllib.loads(text)
    lines = text.splitlines()

    assert configured["checks"] == {
        "unsupported_method": {"enabled": False},
        "allow_header_conformance": {"enabled": False},
    }
    for name in configured["checks"]:
        assert lines[lines.index(f"{name}.enabled = false") - 1].startswith("# ")
    assert not configured.keys() & {"phases", "operations", "generation"}
