"""A chat outlives its errors and its server's absence, takes up what was begun, and serves scripts, too."""

from pathlib import Path
from typing import Any

import pytest

from clients.api import AgentRuntimeApi
from clients.problems import ApiProblem
from clients.terminal.endings import Ending
from clients.tools.outcome import ToolDone
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_http import Dropped, problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.terminal.talk import DELETE, LEAVING, Gate, Talk, all_turns_end, nothing


def test_error_ends_the_turn_not_the_chat(talk: Talk, runtime: FakeRuntime) -> None:
    """A sentence, and the next message goes on, taking over what may still run."""
    runtime.faults["add_message"].append(problem(422, "VALIDATION_ERROR"))

    ending = talk.hold(("", "one"), ("VALIDATION_ERROR", "two"), ("said", "/quit"))

    assert ending == Ending.ANSWERED
    assert talk.sent() == [{"content": "one"}, {"content": "two", "on_busy": "interrupt"}]


def test_failed_turn_is_shown(talk: Talk, runtime: FakeRuntime) -> None:
    """With its code, once."""
    runtime.last_fact = ("TurnFailed", {"code": "MODEL_UNAVAILABLE"})

    talk.hold(("", "one"), ("turn   failed: MODEL_UNAVAILABLE", "/quit"))


def test_absence_of_the_server_is_bridged_and_told(talk: Talk, runtime: FakeRuntime) -> None:
    """A word when it lasts, a word when it is over, and every event once."""
    runtime.faults["list_events"].extend([Dropped] * 5)

    talk.hold(("", "one"), ("trying again", nothing), ("The server is back.", nothing), ("said", "/quit"))

    assert talk.output.getvalue().count("trying again") == 1
    assert talk.shown.count("said") == 1


def test_refusals_that_pass_are_not_worth_a_word(talk: Talk, runtime: FakeRuntime) -> None:
    """A busy session is not an absent server."""
    runtime.faults["add_message"].extend([problem(409, "SESSION_BUSY", {"Retry-After": "1"})] * 5)

    talk.hold(("", "one"), ("said", "/quit"))

    assert "trying again" not in talk.output.getvalue()


def test_interrupt_ends_trying_to_reach_the_server(talk: Talk, runtime: FakeRuntime, clock: FakeClock) -> None:
    """Ctrl-C while the server is away stops asking for it."""
    runtime.faults["add_message"].extend([problem(503, "STORAGE_UNAVAILABLE")] * 29)
    gate = Gate()
    clock.on_sleep = lambda _seconds: gate.pass_through() if len(clock.sleeps) == 4 else None

    talk.hold(("", "one"), ("trying again", KeyboardInterrupt), ("Stopped waiting", gate.open))
    all_turns_end()

    assert len(talk.sent()) == 4


def test_long_answer_is_fetched_whole(talk: Talk, runtime: FakeRuntime) -> None:
    """Of a long answer the log carries the beginning; the person gets all of it."""
    runtime.contents = {"/content/1": "the whole answer"}

    def shorten(page: dict[str, Any]) -> dict[str, Any]:
        for event in page["items"]:
            if event.get("message", {}).get("role") == "assistant":
                event["message"] |= {"content": "the wh", "content_url": "http://runtime.test/content/1"}
        return page

    runtime.change_page = shorten

    talk.hold(("", "one"), ("the whole answer", "/quit"))


def test_session_is_taken_up_with_what_was_said(talk: Talk, api: AgentRuntimeApi) -> None:
    """The conversation so far, without its machinery, then the next turn."""
    session = api.create_session().id
    api.add_message(session, "before")

    talk.hold(("said", "after"), ("said", "/quit"), session=session)

    assert talk.shown == [
        "you    before",
        "ask:",
        "said",
        "agent  orchestrator → ask (routed, confidence 0.9)",
        "ask:",
        "said",
        "",
        LEAVING,
    ]


def test_turn_in_progress_is_taken_up(talk: Talk, runtime: FakeRuntime, api: AgentRuntimeApi) -> None:
    """A turn that waited for a client goes on with this one; earlier turns are only shown."""
    session = api.create_session().id
    api.add_message(session, "first")
    runtime.rounds = [[("read_file", {"path": "src/a.py"}), ("list_files", {"path": "src/deep"})], "second answer"]
    api.add_message(session, "second")
    api.add_tool_result(session, "10-0", ToolDone("theirs"))

    talk.hold(("second answer", "/quit"), session=session)

    assert [line for line in talk.shown if line.startswith(("you", "tool", "said", "second"))] == [
        "you    first",
        "said",
        'tool   list_files {"path": "src/deep"}',
        "second answer",
    ]
    assert len(runtime.of("add_tool_result")) == 2


def test_lines_of_a_file_are_said_one_after_the_other(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Without a person nothing is asked, changes are refused, and the end waits for the last answer."""
    runtime.rounds = [DELETE, "said"]

    ending = talk.hold(("", "one"), ("", ""), ("", "two"), is_person=False)

    assert ending == Ending.ANSWERED
    assert [body["content"] for body in talk.sent()] == ["one", "two"]
    assert [line for line in talk.shown if line.startswith(("you", "said"))] == [
        "you    one",
        "said",
        "you    two",
        "said",
    ]
    assert all("Nobody is there" in decided["feedback"] for decided in talk.decided())
    assert (folder / "README.md").exists()
    assert not any("Held" in line for line in talk.shown)


@pytest.mark.parametrize(
    ("fault", "fact", "ending"),
    [
        (None, ("TurnFailed", {"code": "TURN_FAILED"}), Ending.TURN_FAILED),
        (problem(401, "UNAUTHENTICATED"), None, Ending.NOT_CONNECTED),
    ],
)
def test_script_learns_what_went_wrong(talk: Talk, runtime: FakeRuntime, fault: Any, fact: Any, ending: Ending) -> None:
    """The exit code is that of the last turn that failed."""
    runtime.last_fact = fact
    if fault:
        runtime.faults["add_message"].append(fault)

    assert talk.hold(("", "one"), is_person=False) == ending


def test_interrupt_ends_a_script(talk: Talk) -> None:
    """Nobody is there to go on."""
    with pytest.raises(KeyboardInterrupt):
        talk.hold(("", KeyboardInterrupt), is_person=False)


def test_unknown_session_is_refused(talk: Talk) -> None:
    """Before anything is typed."""
    with pytest.raises(ApiProblem, match="SESSION_NOT_FOUND"):
        talk.hold(session="s-9")
