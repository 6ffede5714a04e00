"""`docs/dead-letters.md`: its kinds are those there are, and its commands exist."""

import re

import pytest
from typer.testing import CliRunner

from functions.adapters.eventbridge.publisher import RETRIES
from functions.catalog import CATALOG, DeadLetters, Queue
from infra.constructs.queues import KEPT, EventQueue
from infra.constructs.triggers import Clock
from infra.dead_ends import dead_ends
from infra.operations.cli import EXIT_CODES, app
from infra.operations.mailbox import HELD_SECONDS
from tests.benchmarks.markdown import block_of
from tests.support.pages import page

PAGE = page("dead-letters.md")
PROGRAM = r"(?:agent-runtime|\.venv/bin/python -m infra\.operations)"
COMMANDS = re.findall(rf"^{PROGRAM} ((?:dead-letters|republish).*?)(?: {{2,}}#.*)?$", PAGE, flags=re.MULTILINE)


def test_kinds_are_those_there_are() -> None:
    """Each has its row, with the meaning that the commands print, and the numbers are the stack's."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", block_of(PAGE, "kinds"), flags=re.MULTILINE)

    assert [(kind, meaning) for kind, meaning, _ in rows] == [(end.kind, end.meaning) for end in dead_ends()]
    for end, (_, _, way) in zip(dead_ends(), rows, strict=True):
        assert f"`{end.row.name}`" in way
        trigger = end.row.trigger
        if isinstance(trigger, Queue):
            assert f"{trigger.max_receives} deliveries" in way
            has_more = any(row.trigger == DeadLetters(trigger.name) for row in CATALOG)
            assert (f"and {EventQueue.DEAD_RECEIVES} more" in way) is has_more


def test_numbers_are_those_of_the_code() -> None:
    """How long letters wait, stay hidden, and how often the clock's function tries."""
    assert f"waits {KEPT.to_days():.0f} days" in PAGE
    assert f"after {HELD_SECONDS // 60} minutes" in PAGE
    assert f"refused it {RETRIES + 1} times" in PAGE
    assert f"{Clock.TRIES_MORE + 1} tries of" in PAGE
    assert EXIT_CODES.removeprefix("Exit codes: ").rstrip(".") in " ".join(PAGE.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists_as_it_is_written(command: str) -> None:
    """Every word of it is a command, an option or a value of one."""
    options = set(re.findall(r"--[a-z-]+", command))

    asked = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})

    assert asked.exit_code == 0, asked.output
    assert options <= set(re.findall(r"--[a-z-]+", asked.output))


def test_page_shows_every_command() -> None:
    """Looking, sending and telling again, here and in the cloud."""
    shown = {command.split(" --")[0].split(" turns")[0] for command in COMMANDS}

    assert shown == {"dead-letters list", "dead-letters show", "dead-letters send", "republish"}
