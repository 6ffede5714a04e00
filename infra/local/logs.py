"""The Lambdas' log lines as they come, in a form for a person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef

GROUP_PREFIX = "/aws/lambda/"
OVERLAP_MS = 5_000
"""How far each look goes back: an invocation's lines are stored when it ends, not in the order of their times."""

_PLATFORM_LINES = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")
_PLATFORM_KEYS = {
    *("level", "location", "message", "timestamp", "service", "cold_start", "xray_trace_id"),
    *("function_name", "function_memory_size", "function_arn", "function_request_id"),
}


class LogLine(NamedTuple):
    """One line that a function wrote."""

    timestamp_ms: int
    function: str
    text: str


@dataclass
class LogFollower:
    """Yields each line once.

    MiniStack gives every invocation a log stream of its own and fills it in one go, so a stream that was seen once
    holds nothing new.

    Args:
        logs: Client of the local cloud's CloudWatch Logs.
        since_ms: Lines before this time are not asked for.
    """

    logs: CloudWatchLogsClient
    since_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    _seen: set[str] = field(default_factory=set)

    def new_lines(self) -> list[LogLine]:
        """The lines that came since the last call, oldest first; platform lines are left out."""
        lines: list[LogLine] = []
        streams: set[str] = set()
        for function, event in self._events():
            if event["logStreamName"] in self._seen:
                continue
            streams.add(event["logStreamName"])
            if not event["message"].startswith(_PLATFORM_LINES):
                lines.append(LogLine(event["timestamp"], function, event["message"]))
            self.since_ms = max(self.since_ms, event["timestamp"] - OVERLAP_MS)
        self._seen |= streams
        return sorted(lines, key=lambda line: line.timestamp_ms)

    def _events(self) -> Iterator[tuple[str, FilteredLogEventTypeDef]]:
        start = self.since_ms
        for page in self.logs.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                name = group["logGroupName"]
                for events in self.logs.get_paginator("filter_log_events").paginate(logGroupName=name, startTime=start):
                    for event in events["events"]:
                        yield name.removeprefix(GROUP_PREFIX), event


def render(line: LogLine) -> str:
    """Write a line for the terminal: time, level, function, message, then what the function said besides.

    A line that is not structured is shown as it is.
    """
    clock = time.strftime("%H:%M:%S", time.localtime(line.timestamp_ms / 1000))
    try:
        entry = json.loads(line.text)
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or "message" not in entry:
        return f"{clock} {line.function}: {line.text}"
    rest = " ".join(f"{key}={_plain(value)}" for key, value in entry.items() if key not in _PLATFORM_KEYS)
    return f"{clock} {entry.get('level', 'INFO'):<7} {line.function}: {_plain(entry['message'])} {rest}".rstrip()


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
