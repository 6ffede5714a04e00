"""The commands behind the Makefile's `demo`, `dev`, `up`, `down`, `status`, `env` and `template`."""

import signal
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError

from infra.local.assembly import Assembly, synthesize
from infra.local.cloud import LocalCloud
from infra.local.endpoint import FILE_NAME, Endpoint
from infra.local.environment import model_variables, requested_port
from infra.local.errors import LocalCloudError
from infra.local.layout import ROOT, STATE
from infra.local.logs import LogFollower, render
from infra.local.ministack import LOG_NAME
from infra.local.model import requested_model

FOLLOW_SECONDS = 0.5

app = typer.Typer(
    help="The whole system on this machine.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


State = Annotated[Path, typer.Option(resolve_path=True, help="Folder of the running system.")]
Root = Annotated[Path, typer.Option(resolve_path=True, help="Checkout whose code runs.")]


@app.command()
def up(state: State = STATE, root: Root = ROOT) -> None:
    """Start the system in the background, or bring a running one up to date."""
    cloud = LocalCloud.up(state, port=requested_port(), root=root, model=requested_model(model_variables()))
    print(f"Running at {cloud.endpoint.url}/v1; address and tokens are in {_shown(state / FILE_NAME)}.")


@app.command()
def down(state: State = STATE) -> None:
    """Stop what `up` started."""
    print("Stopped." if LocalCloud.down(state) else "Nothing was running.")


@app.command()
def status(state: State = STATE) -> None:
    """Say whether the system runs; the exit code is 1 when it does not."""
    endpoint = Endpoint.load(state)
    cloud = LocalCloud.find(state)
    if cloud is None:
        raise LocalCloudError(
            f"The local cloud of {_shown(state / FILE_NAME)}, process {endpoint.pid}, has gone or does not answer: "
            "run `make up` to start it again."
        )
    print(f"Running at {cloud.endpoint.url}/v1, process {cloud.endpoint.pid}, {len(cloud.worker_pids())} Lambdas warm.")


@app.command()
def env(state: State = STATE) -> None:
    """Print address and tokens as shell assignments, for `eval`."""
    print(assignments(Endpoint.load(state)))


@app.command()
def dev(state: State = STATE, root: Root = ROOT) -> None:
    """Run the system in the foreground with its logs; Ctrl-C stops it."""
    # A shell makes its background jobs deaf to it, and a process of theirs inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cloud = LocalCloud.up(state, port=requested_port(), root=root, model=requested_model(model_variables()))
        # Made before the address is told, so that no line can be older than it looks for.
        follower = LogFollower(cloud.client("logs"))
        print(introduction(cloud), flush=True)
        _follow(cloud, follower)
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        LocalCloud.down(state)


class Scenario(StrEnum):
    """What a demonstration shows."""

    QUESTION = "question"
    FULL = "full"


@app.command()
def demo(
    scenario: Annotated[Scenario, typer.Option(help="One question, or a walk through everything.")] = Scenario.QUESTION,
) -> None:
    """Start a system of its own, hold one real conversation with it, stop it."""
    # Only this command needs the client, and the others start faster without it.
    from infra.local.demo import run_demo  # noqa: PLC0415
    from infra.local.walk.run import CONTEXT, run_walk  # noqa: PLC0415

    is_full = scenario is Scenario.FULL
    STATE.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="demo-", dir=STATE) as state,
        LocalCloud.start(Path(state), context=CONTEXT if is_full else None) as cloud,
    ):
        code = run_walk(cloud.endpoint) if is_full else run_demo(cloud.endpoint, ROOT)
    raise typer.Exit(code)


@app.command()
def template(target: str, root: Root = ROOT) -> None:
    """Synthesize the stack for a target (aws or local) and print where its template is."""
    print(Assembly.load(synthesize(target, root=root)).template)


def assignments(endpoint: Endpoint) -> str:
    """Address and tokens as lines for a shell."""
    users = (f"export {user.upper()}={token}" for user, token in endpoint.tokens.items())
    return "\n".join((f"export URL={endpoint.url}/v1", *users))


def introduction(cloud: LocalCloud) -> str:
    """What a person needs to talk to the system from another terminal, ready to paste."""
    endpoint = cloud.endpoint
    return f"""
The system runs at {endpoint.url}/v1 (its own log: {_shown(cloud.state / LOG_NAME)}). Ctrl-C stops it.
Paste into another terminal:

{assignments(endpoint)}
curl -s $URL/health
curl -s $URL/sessions -H "Authorization: Bearer $ALICE" -d '{{"session_id": "first", "title": "First look"}}'
curl -s $URL/sessions/first/messages -H "Authorization: Bearer $ALICE" -d '{{"content": "What can you do?"}}'
curl -s "$URL/sessions/first/events?after=0&wait=20" -H "Authorization: Bearer $ALICE"
"""


def _follow(cloud: LocalCloud, follower: LogFollower) -> None:
    try:
        while True:
            for line in follower.new_lines():
                print(render(line), flush=True)
            time.sleep(FOLLOW_SECONDS)
    except BotoCoreError as error:
        if cloud.ministack.is_running():
            raise
        said = _shown(cloud.state / LOG_NAME)
        raise LocalCloudError(f"MiniStack has ended by itself; {said} says why.") from error


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
