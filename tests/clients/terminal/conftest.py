"""Fixtures: a chat that has not begun, a gate before its events, and the command line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.terminal.cli import app
from clients.terminal.login import LoginFile
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer
from tests.clients.terminal.talk import Gate, Talk, all_turns_end

Run = Callable[..., Result]


@pytest.fixture
def talk(runtime: FakeRuntime, folder: Path, clock: FakeClock) -> Talk:
    """Return a chat that has not begun."""
    return Talk(runtime, folder, clock)


@pytest.fixture
def gate(runtime: FakeRuntime) -> Iterator[Gate]:
    """Return a gate before every page of events; nobody stands there when the test has ended."""

    def change(page: dict[str, Any]) -> dict[str, Any]:
        held.pass_through()
        return page

    held = Gate()
    runtime.change_page = change
    yield held
    held.open()
    all_turns_end()


@pytest.fixture
def file(tmp_path: Path) -> LoginFile:
    """Return where this test's person keeps his sign-in."""
    return LoginFile.of_person({"XDG_CONFIG_HOME": str(tmp_path / "config")})


@pytest.fixture
def run(tmp_path: Path, server: FakeServer) -> Run:
    """Return what runs `agent-runtime` as alice, signed in by the environment unless that says otherwise."""

    def invoke(*words: str, typed: str | None = None, **environment: str | None) -> Result:
        result = CliRunner().invoke(
            app,
            words,
            input=typed,
            env={
                "XDG_CONFIG_HOME": str(tmp_path / "config"),
                "AGENT_RUNTIME_URL": server.url,
                "AGENT_RUNTIME_TOKEN": "alice-token",
                "COLUMNS": "120",
                **environment,
            },
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        return result

    return invoke
