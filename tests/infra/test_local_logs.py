"""What the functions log is shown once, in order, readable."""

from typing import Any

import pytest

from infra.local.logs import LogFollower, LogLine, render


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Traceback (most recent call last):", "f: Traceback (most recent call last):"),
        ('{"no": "message"}', 'f: {"no": "message"}'),
        ('{"level": "WARNING", "message": "m", "service": "s", "n": 1}', "WARNING f: m n=1"),
        ('{"message": {"a": 1}}', 'INFO    f: {"a": 1}'),
    ],
)
def test_log_line_is_rendered_for_a_person(text: str, shown: str) -> None:
    """Structured lines lose what the platform adds; others are shown as they are."""
    assert render(LogLine(0, "f", text)).split(" ", 1)[1] == shown


class FakeLogs:
    """CloudWatch Logs that hold what the test put there."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.asked_since: list[int] = []

    def get_paginator(self, operation: str) -> "FakeLogs":
        """The one for groups or the one for events, told apart by what they are asked."""
        del operation
        return self

    def paginate(self, **query: Any) -> list[dict[str, Any]]:
        """One page with everything."""
        if "logGroupName" not in query:
            return [{"logGroups": [{"logGroupName": name} for name in self.events]}]
        self.asked_since.append(query["startTime"])
        return [{"events": self.events[query["logGroupName"]]}]


def event(stream: str, timestamp: int, message: str) -> dict[str, Any]:
    """A line as the service answers it."""
    return {"logStreamName": stream, "timestamp": timestamp, "message": message}


def test_log_lines_come_once_and_in_order_without_platform_lines() -> None:
    """Lines of several functions are merged by time; a stream that was seen is not shown again."""
    logs = FakeLogs()
    logs.events["/aws/lambda/a"] = [event("1", 20_000, "late"), event("1", 20_000, "START RequestId: 1")]
    logs.events["/aws/lambda/b"] = [event("2", 10_000, "early")]
    follower = LogFollower(logs, since_ms=0)  # type: ignore[arg-type]

    first = follower.new_lines()
    logs.events["/aws/lambda/b"].append(event("3", 21_000, "new"))
    second = follower.new_lines()

    assert first == [LogLine(10_000, "b", "early"), LogLine(20_000, "a", "late")]
    assert second == [LogLine(21_000, "b", "new")]
    assert logs.asked_since == [0, 0, 15_000, 15_000]
