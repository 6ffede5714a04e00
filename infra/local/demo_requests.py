"""What the functions asked of AWS for one session, as they logged it."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

_READS = 20
_PAUSE_SECONDS = 0.25

Requests = Counter[tuple[str, str]]
"""How many, by function and `service.Operation`."""


def settled_aws_requests(logs: Any, session_id: str, since_ms: int, sleep: Callable[[float], None]) -> Requests:
    """Return the requests once two readings in a row agree.

    A function logs after it has answered, and those behind the stream work on after the client has its answer, so the
    first reading may come too early.

    Args:
        logs: A boto3 client of CloudWatch Logs.
        session_id: Only lines that carry it are counted.
        since_ms: When the session began, in epoch milliseconds; older lines are not read.
        sleep: Waits between readings.
    """
    requests = aws_requests(logs, session_id, since_ms)
    for _ in range(_READS):
        sleep(_PAUSE_SECONDS)
        earlier, requests = requests, aws_requests(logs, session_id, since_ms)
        if requests == earlier and requests:
            break
    return requests


def aws_requests(logs: Any, session_id: str, since_ms: int) -> Requests:
    """Sum up the `io` of every log line of the session: one line an invocation, whatever group it lies in."""
    requests: Requests = Counter()
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for name in (group["logGroupName"] for group in groups["logGroups"]):
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=since_ms, filterPattern=f'"{session_id}"'
            )
            for page in pages:
                for event in page["events"]:
                    requests.update(_io(event["message"], session_id))
    return requests


def _io(message: str, session_id: str) -> Requests:
    try:
        line = json.loads(message)
    except ValueError:
        return Counter()  # one of the platform's own lines: START, END, REPORT
    if not isinstance(line, dict) or line.get("session_id") != session_id:
        return Counter()
    return Counter({(str(line["function"]), operation): count for operation, count in line.get("io", {}).items()})
