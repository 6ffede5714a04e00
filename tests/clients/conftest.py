"""Fixtures: a clock that never waits, a runtime in memory, a client of it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from clients.api import AgentRuntimeApi
from clients.pacing import Repeats
from clients.workspace import Workspace
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_runtime import BASE_URL, FakeRuntime
from tests.clients.fake_server import FakeServer


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that never waits."""
    return FakeClock()


@pytest.fixture
def runtime() -> FakeRuntime:
    """Return a runtime whose agent says `said`."""
    return FakeRuntime()


@pytest.fixture
def api(runtime: FakeRuntime, clock: FakeClock) -> Iterator[AgentRuntimeApi]:
    """Return alice's client of the runtime, without a socket and without chance in its pauses."""
    with httpx.Client(transport=runtime.transport()) as http:
        yield AgentRuntimeApi(BASE_URL, "alice-token", http, repeats=Repeats(is_spread=False), clock=clock)


@pytest.fixture
def server(runtime: FakeRuntime) -> Iterator[FakeServer]:
    """Return the runtime on a socket."""
    running = FakeServer(runtime)
    yield running
    running.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a little of everything, and a secret beside it."""
    (tmp_path / "secret.txt").write_text("the secret lock\n")
    root = tmp_path / "project"
    for name, text in {
        "README.md": "# Project\nThe lock is in src.\n",
        "src/lock.py": "import time\n\n\nclass SessionLock:\n    '''Holds a session.'''\n",
        "src/deep/more.py": "LOCK = 1\nlock = 2\n",
        "src/a.py": "pass\n",
        ".env": "LOCK=hidden\n",
        ".github/ci.yml": "lock: true\n",
        ".git/config": "lock\n",
        "node_modules/x/index.js": "lock\n",
        "venv/pyvenv.cfg": "home = x\n",
        "venv/lib/lock.py": "lock\n",
        "src/__pycache__/lock.txt": "lock\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    """Return the reading tools over the folder."""
    return Workspace(folder)
