"""Runs pytest for each order on its input, forked from a Python that has imported already what no mutant changes.

`python -m tests.faults.mutation.forks` in a copy of the checkout: an order is a line of JSON, and so is the answer.
It halves the time of a trial, most of which would go into importing the SDK and Hypothesis.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from threading import Timer
from traceback import print_exc

import pytest

PRELOADED = (
    "aws_lambda_powertools.metrics",
    "boto3",
    "httpx",
    "hypothesis.strategies",
    "jsonschema",
    "pydantic",
    "pynamodb.models",
    "rich.console",
    "rich.progress",
    "tenacity",
    "typer",
)
"""Of others: a module of ours that is imported here would never be a mutant."""

NO_REWRITING = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""Pytest would rather import Hypothesis, which is a plugin of it, by itself."""


def run(arguments: Sequence[str], environment: Mapping[str, str], output: str, seconds: float) -> int | None:
    """Run pytest in a process of its own, in a group of its own, and write what it says into the file `output`.

    Returns:
        Its exit code; None when it took longer than `seconds` and was ended with all that it had started.
    """
    child = os.fork()
    if not child:
        _be_pytest(arguments, environment, Path(output))
    is_late = False

    def end() -> None:
        nonlocal is_late
        is_late = True
        os.killpg(child, signal.SIGKILL)

    timer = Timer(seconds, end)
    timer.start()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    # The next fork finds no other thread.
    timer.join()
    return None if is_late else os.waitstatus_to_exitcode(status)


def _be_pytest(arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
    code: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        os.setsid()
        with Path(os.devnull).open("rb") as nothing, output.open("wb") as said:
            os.dup2(nothing.fileno(), 0)
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        os.environ.clear()
        os.environ.update(environment)
        code = pytest.main(list(arguments))
    except BaseException:  # noqa: BLE001  # told by the exit code, and to whoever reads the output
        print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What the parent has registered for its own end is not for this one to do.
        os._exit(code)


if __name__ == "__main__":
    for name in PRELOADED:
        import_module(name)
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(run(**json.loads(line)))}\n")
        sys.stdout.flush()
