"""The commands do what their options say, end with the code that is promised, and never with a traceback."""

import json
from pathlib import Path

import pytest

from tests.clients.fake_http import problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer
from tests.clients.terminal.conftest import Run


def test_one_question_has_one_answer(run: Run, runtime: FakeRuntime, folder: Path) -> None:
    """The answer on standard output, the rest on standard error, zero."""
    runtime.rounds = [[("search_in_code", {"query": "class SessionLock"})], "It is in src/lock.py:4."]

    result = run("chat", "--once", "Where is the lock?", "--dir", str(folder))

    assert (result.exit_code, result.stdout) == (0, "It is in src/lock.py:4.\n")
    assert "1 hit in 1 file, first src/lock.py:4" in result.stderr
    assert runtime.of("add_tool_result")[0].body["result"][0]["path"] == "src/lock.py"


def test_chat_is_what_happens_without_a_command(run: Run, runtime: FakeRuntime) -> None:
    """With options or without; lines come from standard input when nobody is there."""
    once = run("--once", "x", "--json")
    piped = run(typed="one\ntwo\n")

    assert json.loads(once.stdout)["answer"] == "said"
    assert (once.exit_code, piped.exit_code) == (0, 0)
    assert piped.stdout.count("said") == 2
    assert [request.body["content"] for request in runtime.of("add_message")] == ["x", "one", "two"]


def test_session_is_gone_on_with(run: Run, runtime: FakeRuntime) -> None:
    """By its name, in both ways of talking."""
    run("chat", "--once", "one")
    once = run("chat", "--once", "two", "--session", "s-1")
    piped = run("chat", "--session", "s-1", typed="three\n")

    assert (once.exit_code, piped.exit_code) == (0, 0)
    assert len(runtime.of("create_session")) == 1
    assert "you    one" in piped.stdout


@pytest.mark.parametrize("words", [("--once", "x"), ()])
@pytest.mark.parametrize(("yes", "is_done"), [((), False), (("--yes",), True), (("-y",), True)])
def test_changes_need_to_be_allowed_when_nobody_can_be_asked(
    run: Run, runtime: FakeRuntime, folder: Path, words: tuple[str, ...], yes: tuple[str, ...], *, is_done: bool
) -> None:
    """Refused without a terminal, done with --yes; the answer comes either way."""
    runtime.rounds = [[("execute_command", {"command": "rm README.md"})], "said"]

    result = run("chat", *words, *yes, "--dir", str(folder), typed="x\n")

    assert result.exit_code == 0
    assert (folder / "README.md").exists() != is_done
    (decision,) = [request.body for request in runtime.of("decide_approval")]
    assert decision["decision"] == ("approve" if is_done else "reject")
    assert ("Nobody is there to be asked" in decision.get("feedback", "")) != is_done


@pytest.mark.parametrize(
    ("options", "is_done"), [((), True), (("--yes",), True), (("--ask-always",), False)], ids=["plain", "yes", "asking"]
)
def test_what_the_server_lets_pass_is_done_unless_it_is_always_asked(
    run: Run, runtime: FakeRuntime, folder: Path, options: tuple[str, ...], *, is_done: bool
) -> None:
    """A policy that approves a change speaks for the person, unless he wants to be asked himself."""
    runtime.needs_approval.clear()
    runtime.rounds = [[("delete_file", {"path": "README.md"})], "said"]

    result = run("chat", "--once", "x", *options, "--dir", str(folder))

    assert result.exit_code == 0
    assert runtime.of("decide_approval") == []
    assert (folder / "README.md").exists() != is_done


@pytest.mark.parametrize(
    ("words", "environment", "code", "sentence"),
    [
        (("--once", " "), {}, 2, "The question is empty."),
        (("--json",), {}, 2, "--json goes with --once."),
        (("--yes", "--ask-always"), {}, 2, "--yes and --ask-always contradict each other."),
        (("--dir", "/no/where"), {}, 2, "`/no/where` is no folder that can be opened"),
        (("--url", "nonsense"), {}, 2, "no address of a server"),
        (("--once", "x", "--session", "s-9"), {}, 2, "The server refuses: told SESSION_NOT_FOUND"),
        (("chat", "--session", "s-9"), {}, 2, "The server refuses: told SESSION_NOT_FOUND"),
        (("--once", "x"), {"AGENT_RUNTIME_TOKEN": "stale"}, 3, "does not take your token"),
        (("--once", "x"), {"AGENT_RUNTIME_TOKEN": None}, 3, "There is no token for http://127.0.0.1"),
        (("--once", "x", "--endpoint", "/no/endpoint.json"), {}, 3, "start the local cloud with `make up`"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(
    run: Run, words: tuple[str, ...], environment: dict[str, str | None], code: int, sentence: str
) -> None:
    """On standard error, with the promised code, and nothing on standard output."""
    result = run(*words, typed="", **environment)

    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("operation", "code", "sentence"),
    [("create_session", 4, "The server failed: told INTERNAL_ERROR"), ("list_events", 4, "The server failed")],
)
def test_failure_of_the_server_has_its_own_code(
    run: Run, runtime: FakeRuntime, operation: str, code: int, sentence: str
) -> None:
    """It is not the person's fault."""
    runtime.faults[operation].append(problem(500, "INTERNAL_ERROR"))

    result = run("--once", "x")

    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr


def test_failed_turn_is_one(run: Run, runtime: FakeRuntime) -> None:
    """Exit code 1."""
    runtime.last_fact = ("TurnFailed", {"code": "TURN_FAILED"})

    assert run("--once", "x").exit_code == 1


@pytest.mark.parametrize("words", [("bogus",), ("chat", "--bogus"), ("sessions", "--limit", "0")])
def test_wrong_usage_is_two(run: Run, words: tuple[str, ...]) -> None:
    """As everywhere."""
    assert run(*words).exit_code == 2


def test_exit_codes_are_in_the_help(run: Run) -> None:
    """Scripts can rely on what is written."""
    result = run("--help")

    assert result.exit_code == 0
    assert "0 answered; 1 the turn failed" in result.stdout


def test_sessions_are_listed_newest_first(run: Run, runtime: FakeRuntime) -> None:
    """As many as wanted, closed ones on demand, titles harmless and short."""
    runtime.sessions = {
        "old": runtime.new_session("alice", title="x" * 100),
        "closed": runtime.new_session("alice", title="a\x1b[2Jb\nc", is_active=False),
        "bobs": runtime.new_session("bob"),
        "new": runtime.new_session("alice"),
    }

    everything = run("sessions", "--all", "--limit", "150")
    one = run("sessions", "--limit", "1")

    assert [line.split() for line in everything.stdout.splitlines()] == [
        ["session", "last", "activity", "title"],
        ["new", "2026-01-01", "00:00"],
        ["closed", "2026-01-01", "00:00", r"a\x1b[2Jb", "c", "(closed)"],
        ["old", "2026-01-01", "00:00", "x" * 59 + "…"],
    ]
    assert [line.split()[0] for line in one.stdout.splitlines()] == ["session", "new"]
    assert [request.query for request in runtime.of("list_sessions")] == [
        {"limit": "100", "include_inactive": "true"},
        {"limit": "1", "include_inactive": "false"},
    ]


def test_sessions_are_listed_over_several_pages(run: Run, runtime: FakeRuntime) -> None:
    """More than a page holds."""
    for number in range(120):
        runtime.sessions[f"old-{number}"] = runtime.new_session("alice")

    listed = run("sessions", "--limit", "110").stdout.splitlines()

    assert len(listed) == 111
    assert [request.query.get("cursor") for request in runtime.of("list_sessions")] == [None, "100"]


def test_sessions_have_heads_at_a_terminal(run: Run) -> None:
    """Which stand out."""
    run("--once", "x")

    shown = run("sessions", FORCE_COLOR="1", NO_COLOR="1").stdout

    assert "\x1b[1msession" in shown
    assert "s-1" in shown


def test_no_session_is_told(run: Run) -> None:
    """An empty table says nothing."""
    assert run("sessions").stdout == "No session yet.\n"


def test_status_tells_server_health_and_sign_in(run: Run, server: FakeServer) -> None:
    """All three, in three lines."""
    result = run("status")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"server   {server.url}/v1 (given address)",
        "health   ok, version 9.9",
        "sign-in  good",
    ]


@pytest.mark.parametrize(("token", "code"), [("stale", 3), ("alice-token", 4)])
def test_status_tells_what_is_wrong(run: Run, runtime: FakeRuntime, token: str, code: int) -> None:
    """A bad token and a broken server are told apart."""
    runtime.faults["get_session"].extend([problem(500, "INTERNAL_ERROR")] * (code == 4))

    result = run("status", AGENT_RUNTIME_TOKEN=token)

    assert result.exit_code == code
    assert "health   ok" in result.stdout
    assert "good" not in result.stdout


def test_local_cloud_is_named_by_its_file(run: Run, server: FakeServer, tmp_path: Path) -> None:
    """As `make chat` does, for either user."""
    path = tmp_path / "endpoint.json"
    path.write_text(json.dumps({"url": server.url, "tokens": {"alice": "alice-token", "bob": "bob-token"}}))

    result = run("sessions", "--endpoint", str(path), "--as", "bob", AGENT_RUNTIME_TOKEN=None, AGENT_RUNTIME_URL=None)

    assert (result.exit_code, result.stdout) == (0, "No session yet.\n")
