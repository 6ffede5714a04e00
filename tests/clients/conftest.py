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
from tests.clients.folders import every_tool, made_folder, with_links


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
    return made_folder(tmp_path)


@pytest.fixture
def hands(folder: Path) -> Workspace:
    """Return every tool over the folder; backups are made at one and the same moment."""
    return every_tool(folder)


@pytest.fixture
def linked(folder: Path) -> Path:
    """Return the folder with links in, out, broken and in a loop."""
    return with_links(folder)


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    """Return the reading tools over the folder."""
    return Workspace(folder)
