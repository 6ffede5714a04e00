"""What of a message is meant for the user."""

from typing import Any

import pytest

from clients.conversation import spoken
from clients.views import Message, ToolCall


@pytest.mark.parametrize(
    ("role", "content", "calls", "expected"),
    [
        ("assistant", "words", [], "words"),
        ("assistant", " ", [], None),
        ("assistant", "thinking", [("read_file", {"path": "a"})], None),
        ("assistant", "", [("attempt_completion", {"result": "all done"})], "all done"),
        ("assistant", "all done, see", [("attempt_completion", {"result": "see"})], "all done, see"),
        ("assistant", " ", [("ask_followup_question", {"question": "which?"})], "which?"),
        ("assistant", "", [("attempt_completion", {"result": 7})], None),
        ("user", "words", [], None),
        ("tool", "words", [], None),
    ],
)
def test_spoken(role: str, content: str, calls: list[tuple[str, dict[str, Any]]], expected: str | None) -> None:
    """What counts as said to the user: words without calls, a completion, a question."""
    tool_calls = tuple(ToolCall(str(index), tool, arguments, "done") for index, (tool, arguments) in enumerate(calls))

    assert spoken(Message(1, 1, role, content, tool_calls=tool_calls)) == expected


def test_spoken_is_nothing_when_completion_was_refused() -> None:
    """A completion that the server turned down reached nobody; the agent tries again."""
    refused = ToolCall("1-0", "attempt_completion", {"result": "all done"}, "refused")

    assert spoken(Message(1, 1, "assistant", "all done", tool_calls=(refused,))) is None
