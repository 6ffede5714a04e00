"""The demonstration tells the truth: it succeeds only when everything it shows is so."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from clients.folder import Folder
from clients.summary import summarise
from clients.tools.outcome import ToolDone, ToolFailed
from infra.local.demo import QUESTION, run_demo
from infra.local.demo_references import references
from infra.local.demo_report import terminal
from infra.local.endpoint import Endpoint
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_http import Reply, problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer
from tests.clients.fake_session import Calls

CALLS: Calls = [("search_in_code", {"query": "class SessionLock"}), ("read_file", {"path": "[bold]nowhere[/bold]"})]
RUN_TURN_LOGS = "/stack/RunTurnLogs2"
ANSWER = "The lock is `SessionLock` in src/lock.py:4, named in README.md:2."


@pytest.fixture
def cloud(server: FakeServer, runtime: FakeRuntime) -> FakeServer:
    """Return a server whose agent searches and answers, with logs of two functions."""
    runtime.rounds = [CALLS, ANSWER]

    def line(function: str, session: str, **io: int) -> str:
        counts = {operation.replace("_", "."): count for operation, count in io.items()}
        return json.dumps({"message": "handled", "function": function, "session_id": session, "io": counts})

    server.logs = {
        "/stack/AddMessageLogs1": [
            "START RequestId: s-1",
            line("add_message", "s-1", dynamodb_GetItem=1, dynamodb_TransactWriteItems=1),
            line("add_message", "s-10", dynamodb_GetItem=99),
            json.dumps(["s-1"]),
            json.dumps({"message": "s-1 is new", "session_id": "s-1"}),
        ],
        RUN_TURN_LOGS: [line("run_turn", "s-1", dynamodb_UpdateItem=2, dynamodb_TransactWriteItems=2)] * 2,
    }
    return server


def demonstrate(server: FakeServer, folder: Path, clock: FakeClock) -> tuple[int, str]:
    """Run the demonstration; return its exit code and what it printed."""
    tokens = {"alice": "alice-token", "bob": "bob-token"}
    endpoint = Endpoint(url=server.url, tokens=tokens, table="t", bus="b", pid=1)
    out = io.StringIO()
    code = run_demo(endpoint, folder, console=Console(file=out, width=120, highlight=False), clock=clock)
    return code, out.getvalue()


def test_demo_shows_everything_when_all_is_well(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock
) -> None:
    """Question, agent, real calls, true answer, gap-free events, tokens, HTTP and AWS requests, isolation; exit 0."""
    code, shown = demonstrate(cloud, folder, clock)

    assert code == 0, shown
    last = len(runtime.sessions["s-1"].log)
    for expected in (
        QUESTION,
        "orchestrator → ask (routed, confidence 0.9)",
        'search_in_code {"query": "class SessionLock"}',
        "1 hit in 1 file, first src/lock.py:4: class SessionLock:",
        'read_file {"path": "[bold]nowhere[/bold]"}',
        "failed: `[bold]nowhere[/bold]` does not exist.",
        ANSWER,
        "✓ src/lock.py:4  class SessionLock:",
        "✓ README.md:2  The lock is in src.",
        f"events 1…{last} without a gap",
        f"the session counts {last} events, and so does its log",
        "bob asks for alice's session: 404 SESSION_NOT_FOUND",
        "a request without a token: 401 UNAUTHENTICATED",
    ):
        assert expected in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["fake-model", "2", "200", "20"] in rows
    assert ["add_tool_result", "2"] in rows
    assert ["dynamodb", "TransactWriteItems", "5", "add_message", "1,", "run_turn", "4"] in rows
    assert ["dynamodb", "UpdateItem", "4", "run_turn", "4"] in rows
    assert ["dynamodb", "GetItem", "1", "add_message", "1"] in rows
    assert ["in", "all", "10"] in rows
    assert ["1", "SessionCreated", "+0.000", "s", "has_title=true"] in rows


def test_demo_reads_on_when_events_follow_the_end_of_the_turn(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock
) -> None:
    """What comes after the turn's last event is part of the session's log and shown as well."""
    runtime.afterwards = ("AgentSwitched", {"from_agent": "ask", "to_agent": "orchestrator", "reason": "completed"})

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 0, shown
    assert "ask → orchestrator (completed)" in shown


def test_demo_waits_for_logs_when_they_come_late(cloud: FakeServer, folder: Path, clock: FakeClock) -> None:
    """Requests are counted once the functions have stopped logging."""
    late, cloud.logs[RUN_TURN_LOGS] = cloud.logs[RUN_TURN_LOGS], []
    waits = []

    def arrive(_seconds: float) -> None:
        if cloud.logs_read:
            waits.append(1)
            cloud.logs[RUN_TURN_LOGS] = late[: len(waits)]

    clock.on_sleep = arrive

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 0
    assert ["in", "all", "10"] in [line.split() for line in shown.splitlines()]


def test_demo_fails_when_no_function_logged(cloud: FakeServer, folder: Path, clock: FakeClock) -> None:
    """Without logs there is nothing to sum up: no figure is made up, and their lack does not pass unseen."""
    cloud.logs = {}

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert "✗ the functions logged 0 requests to AWS" in shown


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("It is in the folder src.", "names no line of any file"),
        ("See src/lock.py:400.", "src/lock.py:400 does not exist or is empty"),
        ("See src/lock.py:4 and src/nowhere.py:1.", "src/nowhere.py:1 does not exist or is empty"),
    ],
)
def test_demo_fails_when_answer_is_not_true(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock, answer: str, words: str
) -> None:
    """An answer without a line, or with one that does not exist, is exit code 1."""
    runtime.rounds = [answer]

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert words in shown
    assert "✗ the answer came" in shown


def test_demo_fails_when_turn_fails(cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock) -> None:
    """A failed turn is told with its code."""
    runtime.last_fact = ("TurnFailed", {"code": "MODEL_UNAVAILABLE"})

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert "the turn failed with MODEL_UNAVAILABLE" in shown


def test_demo_fails_when_an_event_is_missing(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock
) -> None:
    """A gap ends the demonstration."""
    runtime.change_page = lambda page: {**page, "items": [one for one in page["items"] if one["seq"] != 3]}

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert "event 3 is missing: after 2 came 4" in shown


def test_demo_fails_when_bob_sees_the_session(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock
) -> None:
    """A server without walls between users is not shown as fine."""
    session = {
        "id": "s-1",
        "is_active": True,
        "turn": {"number": 1, "status": "idle"},
        "queued": 0,
        "current_agent": "ask",
        "message_count": 1,
        "last_seq": 12,
    }
    clock.on_sleep = lambda _seconds: (
        runtime.faults["get_session"].append(Reply(200, session)) if cloud.logs_read == 2 else None
    )

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert "✗ bob asks for alice's session: 200, the whole session" in shown


@pytest.mark.parametrize("operation", ["get_health", "create_session", "list_events"])
def test_demo_fails_in_a_sentence_when_server_refuses(
    cloud: FakeServer, runtime: FakeRuntime, folder: Path, clock: FakeClock, operation: str
) -> None:
    """A refusal is one line with its code, not a traceback."""
    runtime.faults[operation].append(problem(500, "INTERNAL_ERROR"))

    code, shown = demonstrate(cloud, folder, clock)

    assert code == 1
    assert "The demonstration failed: 500 INTERNAL_ERROR: told INTERNAL_ERROR" in shown


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("`src/lock.py:4`", [("src/lock.py", 4, "class SessionLock:")]),
        ("(src/lock.py:5), src/lock.py:5", [("src/lock.py", 5, "'''Holds a session.'''")]),
        ("README.md:2: The lock\nREADME.md:3", [("README.md", 2, "The lock is in src."), ("README.md", 3, None)]),
        ("http://127.0.0.1:80/x.py:1 127.0.0.1:80 at 12:30", []),
        ("../secret.txt:1", [("../secret.txt", 1, None)]),
        (
            "`src/lock.py`, line 4; src/a.py lines 1-2",
            [("src/lock.py", 4, "class SessionLock:"), ("src/a.py", 1, "pass")],
        ),
        ("src/none.py:1, src/lock.py:2", [("src/none.py", 1, None), ("src/lock.py", 2, None)]),
        ("src/lock.py:0 src/lock.py:4:7 src/lock.py", [("src/lock.py", 4, "class SessionLock:")]),
    ],
)
def test_references(folder: Path, answer: str, expected: list[tuple[str, int, str | None]]) -> None:
    """What looks like `path:line` is judged by what is there; addresses and times are passed over."""
    found = references(answer, Folder(folder))

    assert [(one.path, one.line, one.text) for one in found] == expected


@pytest.mark.parametrize(
    ("tool", "outcome", "expected"),
    [
        ("read_file", ToolDone(""), "0 lines, 0 characters"),
        ("read_file", ToolDone("a"), "1 line, 1 character"),
        ("list_files", ToolDone([]), "nothing there"),
        ("list_files", ToolDone(list("abcdef")), "6 entries: a, b, c, d, …"),
        ("search_in_code", ToolDone([]), "no hit"),
        ("other", ToolDone(None), "done"),
        ("other", ToolFailed("why"), "failed: why"),
    ],
)
def test_summary(tool: str, outcome: ToolDone | ToolFailed, expected: str) -> None:
    """Each kind of result has its words."""
    assert summarise(tool, outcome) == expected


def test_log_is_wide_enough() -> None:
    """Without a terminal the tables are as wide as a log allows."""
    assert terminal().width == 120
