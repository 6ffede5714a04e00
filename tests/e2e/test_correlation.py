"""One correlation id, from the request through every function to the last event."""

import json
import time
from typing import Any

from infra.local.cloud import LocalCloud
from infra.local.logs import LogFollower
from tests.e2e.user import User
from tests.support.patience import PATIENCE_SECONDS

SECRET = "words that belong in no log line"


def _lines(cloud: LocalCloud, correlation_id: str, functions: set[str]) -> list[dict[str, Any]]:
    """Return what functions logged of a request, once all of them have said something."""
    follower = LogFollower(cloud.client("logs"), since_ms=0)
    lines: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        texts = [line.text for line in follower.new_lines()]
        assert not [text for text in texts if SECRET in text]
        entries = [json.loads(text) for text in texts if text.startswith("{")]
        lines += [entry for entry in entries if entry.get("correlation_id") == correlation_id]
        if functions <= {line.get("function") for line in lines}:
            return lines
        time.sleep(0.2)
    raise AssertionError(f"only {[line.get('function') for line in lines]} logged {correlation_id}")


def test_correlation_id_is_followed_from_the_request_to_the_last_event(cloud: LocalCloud, alice: User) -> None:
    """It is in the answer, on a line of every function that worked for the request, and in each of its events.

    The line of the worker names its fence; every line names session and hashed user, and none says what was said.
    """
    asking, answering = f"asking-{time.time_ns()}", f"answering-{time.time_ns()}"
    session = alice.create(agent="coder")
    said = alice.send(
        "POST",
        f"{session}/messages",
        {"content": f'[[tool read_file {{"path": "{SECRET}"}}]] [[then]] [[say {SECRET}]]'},
        **{"X-Correlation-Id": asking},
    )
    alice.settled(session)
    [call] = alice.messages(session)[-1]["tool_calls"]
    result = {"call_id": call["call_id"], "result": SECRET}
    given = alice.send("POST", f"{session}/tool-results", result, **{"X-Correlation-Id": answering})
    alice.settled(session)

    events = alice.events(session)
    asked_lines = _lines(cloud, asking, {"add_message", "publish_events", "run_turn"})
    answered_lines = _lines(cloud, answering, {"add_tool_result", "publish_events", "run_turn"})

    assert (said.headers["X-Correlation-Id"], given.headers["X-Correlation-Id"]) == (asking, answering)
    ids = [event["correlation_id"] for event in events if event["type"] not in {"SessionCreated", "AgentAssigned"}]
    first_of_answering = ids.index(answering)
    assert ids == [asking] * first_of_answering + [answering] * (len(ids) - first_of_answering)
    assert events[-1]["type"] == "TurnCompleted"
    named = [line for line in asked_lines + answered_lines if line["message"] == "handled" and "user" in line]
    assert {line["session_id"] for line in named} == {session.removeprefix("/sessions/")}
    [user] = {line["user"] for line in named}
    assert len(user) == 43
    assert [line["fence"] for line in asked_lines if line["function"] == "run_turn" and "fence" in line]
    assert all({"cold_start", "duration_ms", "io"} <= line.keys() for line in named)
