"""Each kind of result has its words."""

from typing import Any

import pytest

from clients.summary import summarise
from clients.tools.outcome import ToolDone

COMMAND = {"exit_code": 0, "stdout": "a\nb\n", "stderr": "c", "truncated": False, "timed_out": False}


@pytest.mark.parametrize(
    ("tool", "result", "expected"),
    [
        ("execute_command", COMMAND, "exit code 0, 3 lines printed"),
        ("execute_command", {**COMMAND, "stdout": "", "stderr": ""}, "exit code 0, 0 lines printed"),
        (
            "execute_command",
            {**COMMAND, "exit_code": None, "timed_out": True, "truncated": True},
            "out of time, 3 lines printed, cut",
        ),
        ("write_file", {"path": "a", "backup": "b/a"}, "done, the old content is b/a"),
        ("write_file", {"path": "a", "backup": None}, "done"),
        ("move_file", {"source": "a", "destination": "b"}, "done"),
    ],
)
def test_summary(tool: str, result: dict[str, Any], expected: str) -> None:
    """A change tells where the old content is, a command how it ended."""
    assert summarise(tool, ToolDone(result)) == expected
