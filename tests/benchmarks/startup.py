"""What a cold start loads and costs. `python -m tests.benchmarks.startup` prints the table as Markdown.

Each function starts in a fresh interpreter that has what Lambda has (the built layer and package, and the SDK), and
handles its sample event on a transport that answers at once. Counts are exact; CPU is given as a ratio to something
measured in the same run, since it depends on the machine, and is the least of several, since others use it too.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.catalog import CATALOG, Function, Kind
from functions.runtime.settings import STATIC_ENVIRONMENT, Settings
from infra.local.layout import CLOUD_VENV
from infra.packaging import build
from infra.target import LOCAL
from tests.benchmarks.startup_answers import answers_for, head_item
from tests.support.samples import sample
from tests.support.system import SETTINGS

CHILD = Path(__file__).with_name("startup_child.py")
OURS = frozenset({"domain", "functions"})
MOST_MODULES = {Kind.COMMAND: 420, Kind.QUERY: 420, Kind.SUBSCRIBER: 440}
"""Of an HTTP function (architecture §9); a subscriber has retries, and `run_turn` a model, on top."""
BANNED = (
    "boto3.session",  # boto3 itself stands in for itself: functions/slim_start.py
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "aws_xray_sdk",
    "jsonschema",
    "pydantic_settings",
)
"""Packages that cost a start more than they give."""

CLOUDS_MODEL = {
    Settings.environment_names()["model"]: "bedrock",
    Settings.environment_names()["model_id"]: "anthropic.claude",
}
"""What a deployment says besides when Bedrock answers."""

ROUNDS = 3
REPEATS = 100


@dataclass(frozen=True)
class Start:
    """What a function's start and its first request loaded.

    Attributes:
        answer: To the sample event.
        modules: Every module that was there afterwards.
        sessions: Of botocore.
        clients: Names of the services, one per client.
        requests: Operations of the first request, in order.
        start_seconds: CPU of importing and of the first request.
        warm_seconds: CPU of a later request; 0 when none was asked for.
        raw_seconds: CPU of the same AWS requests with nothing but botocore; 0 as above.
    """

    answer: dict[str, Any]
    modules: tuple[str, ...]
    sessions: int
    clients: tuple[str, ...]
    requests: tuple[str, ...]
    start_seconds: float
    warm_seconds: float
    raw_seconds: float

    @property
    def foreign_modules(self) -> tuple[str, ...]:
        """Those that are not ours, Python's own included."""
        return tuple(name for name in self.modules if name.split(".")[0] not in OURS)

    @property
    def banned_modules(self) -> tuple[str, ...]:
        """Those that must not be there."""
        return tuple(name for name in self.modules if f"{name}.".startswith(tuple(f"{banned}." for banned in BANNED)))


def start(row: Function, *, repeats: int = 0, environment: Mapping[str, str] | None = None) -> Start:
    """Start a function in a fresh interpreter and let it handle its sample event.

    Args:
        row: The function.
        repeats: Further requests, to measure them warm.
        environment: Variables beside those of a deployment, or instead of them.
    """
    packages = build(LOCAL)
    told = _child(
        {
            "run": "function",
            "path": [str(packages.layer / "python"), str(packages.functions)],
            "entry_point": row.entry_point,
            "event": sample(row.name),
            "answers": answers_for(row.name),
            "repeats": repeats,
        },
        environment,
    )
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Start(**fields)


def _child(task: dict[str, Any], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    settings = {name: getattr(SETTINGS, field) for field, name in Settings.environment_names().items()}
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "task.json", Path(folder) / "result.json"
        given.write_text(json.dumps(task))
        done = subprocess.run(
            [str(CLOUD_VENV / "bin" / "python"), "-I", str(CHILD), str(given), str(result)],
            env={
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_LAMBDA_FUNCTION_NAME": "startup",
                **STATIC_ENVIRONMENT,
                **settings,
                **(environment or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{task['run']} {task.get('entry_point', '')} did not run:\n{done.stdout}")
        told: dict[str, Any] = json.loads(result.read_text())
        return told


def boto3_seconds() -> float:
    """Return the CPU seconds of `import boto3; boto3.client("dynamodb")`."""
    seconds: float = _child({"run": "boto3"})["start_seconds"]
    return seconds


def raw_put_seconds() -> float:
    """Return the CPU seconds of a warm `put_item` of a session's head, with nothing but botocore."""
    seconds: float = _child({"run": "raw", "item": head_item(), "repeats": REPEATS})["warm_seconds"]
    return seconds


def table() -> str:
    """Return what every function's start costs, as a Markdown table, and what CPU is relative to."""
    starts: dict[str, list[Start]] = {row.name: [] for row in CATALOG}
    boto3: list[float] = []
    put: list[float] = []
    # In turn, round by round: what the machine does besides hits all of them.
    for _ in range(ROUNDS):
        boto3.append(boto3_seconds())
        put.append(raw_put_seconds())
        for row in CATALOG:
            starts[row.name].append(start(row, repeats=REPEATS))

    def least(name: str, of: Callable[[Start], float]) -> float:
        return min(map(of, starts[name]))

    lines = [
        "| Function | Modules | Sessions | Clients | Start | Requests | Warm, to `put_item` | Warm, to the same raw |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in CATALOG:
        found = starts[row.name][0]
        warm = least(row.name, lambda one: one.warm_seconds)
        lines.append(
            f"| {row.name} | {len(found.foreign_modules)} | {found.sessions} | {', '.join(found.clients)} "
            f"| {least(row.name, lambda one: one.start_seconds) / min(boto3):.2f} | {len(found.requests)} "
            f"| {warm / min(put):.2f} | {warm / least(row.name, lambda one: one.raw_seconds):.2f} |"
        )
    told = (
        f"Python {sys.version.split()[0]}. Modules that are not ours, Python's own included: at most "
        f"{MOST_MODULES[Kind.COMMAND]}. CPU of start and first request as a ratio to "
        f'`import boto3; boto3.client("dynamodb")` ({min(boto3) * 1000:.0f} ms here), of a warm request to a raw '
        f"`put_item` ({min(put) * 1e6:.0f} µs here) and to the same AWS requests with nothing but botocore."
    )
    return "\n".join([*lines, "", told])


if __name__ == "__main__":
    print(table())  # noqa: T201  # the command's answer
