"""The commands as a person runs them: what they print, how they end, what they leave."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import processes
from infra.local.aws import LocalAws
from infra.local.cloud import DEPLOYED_PARAMETER, LocalCloud
from infra.local.endpoint import Endpoint
from infra.local.layout import ROOT
from tests.infra.tiny_checkout import TinyCheckout, call


class Commands:
    """`python -m infra.local` with a system and a checkout of its own."""

    def __init__(self, folder: Path) -> None:
        self.checkout = TinyCheckout(folder / "checkout")
        self.state = folder / "state"

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.line(command),
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def line(self, command: str) -> list[str]:
        """The command line."""
        checkout = ["--root", str(self.checkout.root)] if command in {"up", "dev"} else []
        return [sys.executable, "-m", "infra.local", command, "--state", str(self.state), *checkout]


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """Commands whose system is stopped in the end, whatever they did."""
    made = Commands(tmp_path)
    yield made
    LocalCloud.down(made.state)


def test_up_status_down_tell_what_runs(commands: Commands) -> None:
    """Start, look, stop: each says what it did, and `status` is the only one that fails when nothing runs."""
    before = commands.run("status")
    up = commands.run("up")
    status = commands.run("status")
    env = commands.run("env")
    endpoint = Endpoint.load(commands.state)
    down = commands.run("down")
    again = commands.run("down")

    assert (before.returncode, before.stderr) == (1, "No local cloud is running here: start one with `make up`.\n")
    assert up.returncode == 0, up.stderr
    assert up.stdout.startswith("Running at http://127.0.0.1:")
    assert "✓ Deploy Tiny" in up.stderr
    assert (status.returncode, "0 Lambdas warm" in status.stdout) == (0, True)
    assert f"export URL={endpoint.url}/v1\nexport ALICE={endpoint.tokens['alice']}\n" in env.stdout
    assert (down.returncode, down.stdout) == (0, "Stopped.\n")
    assert (again.returncode, again.stdout) == (0, "Nothing was running.\n")


def test_up_says_which_port_when_it_is_taken(commands: Commands) -> None:
    """A taken PORT is named, with what to do, and nothing is left running."""
    with socket.socket() as taken:
        taken.bind((processes.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]

        up = commands.run("up", PORT=str(port))

    assert up.returncode == 1
    assert f"Port {port} cannot be used" in up.stderr
    assert "Traceback" not in up.stderr
    assert not Endpoint.exists(commands.state)


def test_up_takes_the_port_when_it_is_free(commands: Commands) -> None:
    """PORT is where the system listens."""
    port = processes.choose_port(None)

    commands.run("up", PORT=str(port))

    assert Endpoint.load(commands.state).port == port


def test_status_says_so_when_the_process_is_dead(commands: Commands) -> None:
    """An endpoint file without its process is told from a running system."""
    commands.run("up")
    endpoint = Endpoint.load(commands.state)
    os.kill(endpoint.pid, signal.SIGKILL)

    status = commands.run("status")

    assert status.returncode == 1
    assert f"process {endpoint.pid}, has gone" in status.stderr


def test_command_says_so_when_the_cloud_lost_its_memory(commands: Commands) -> None:
    """A local cloud that was reset behind our back is a sentence and not a traceback."""
    commands.run("up")
    endpoint = Endpoint.load(commands.state)
    aws = LocalAws(f"http://127.0.0.1:{endpoint.port}")
    aws.client("ssm").delete_parameter(Name=DEPLOYED_PARAMETER)

    status = commands.run("status")

    assert status.returncode == 1
    assert "`make down` and `make up` start it afresh." in status.stderr
    assert "Traceback" not in status.stderr
    assert endpoint.pid in {process.pid for process in processes.process_table()}


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_dev_shows_logs_and_stops_everything_when_ended(commands: Commands, ending: signal.Signals, code: int) -> None:
    """`dev` prints lines to paste, then what the functions log, and takes the system down when it is ended."""
    with subprocess.Popen(
        commands.line("dev"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as dev:
        assert dev.stdout is not None
        printed = ""
        while "/events?" not in printed:
            printed += dev.stdout.readline()
        endpoint = Endpoint.load(commands.state)
        call(endpoint)
        while "hello from version 1" not in printed:
            printed += dev.stdout.readline()
        dev.send_signal(ending)
        dev.stdout.read()

    assert dev.returncode == code
    assert f"ALICE={endpoint.tokens['alice']}" in printed
    assert endpoint.pid not in {process.pid for process in processes.process_table()}
    assert not Endpoint.exists(commands.state)


def test_dev_says_so_when_ministack_dies(commands: Commands) -> None:
    """A server that ends by itself ends `dev` with a sentence."""
    with subprocess.Popen(
        commands.line("dev"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as dev:
        assert dev.stdout is not None
        assert dev.stderr is not None
        while "/events?" not in dev.stdout.readline():
            pass
        os.kill(Endpoint.load(commands.state).pid, signal.SIGKILL)
        said = dev.stderr.read()

    assert dev.returncode == 1
    assert "MiniStack has ended by itself" in said


def test_template_prints_the_path_of_what_it_synthesized(tmp_path: Path) -> None:
    """The gates get the template of a target from it."""
    checkout = TinyCheckout(tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "infra.local", "template", "aws", "--root", str(checkout.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(Path(done.stdout.strip()).read_text())["Description"] == "tiny for aws"
