"""The person types, turns run, and what the one does to the other is what he would expect."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.terminal.endings import Ending
from clients.terminal.keyboard import DECIDE, SAY
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.terminal.scripted import Act
from tests.clients.terminal.talk import DELETE, LEAVING, Gate, Talk, all_turns_end, nothing


def test_turns_follow_each_other(talk: Talk, runtime: FakeRuntime) -> None:
    """Each message is answered in its turn; the session begins with the first one and can be taken up again."""
    runtime.rounds = [[("read_file", {"path": "src/a.py"})], "it says pass"]

    ending = talk.hold(("", "what does a.py say?"), ("it says pass", "and now?"), ("it says pass", "  "))

    assert ending == Ending.ANSWERED
    assert talk.shown == [
        "session s-1",
        "agent  orchestrator → ask (routed, confidence 0.9)",
        'tool   read_file {"path": "src/a.py"}',
        "       → 1 line, 5 characters",
        "ask:",
        "it says pass",
        "agent  orchestrator → ask (routed, confidence 0.9)",
        'tool   read_file {"path": "src/a.py"}',
        "       → 1 line, 5 characters",
        "ask:",
        "it says pass",
        "",
        LEAVING,
    ]
    assert talk.sent() == [{"content": "what does a.py say?"}, {"content": "and now?"}]
    assert len(runtime.of("create_session")) == 1


def test_nothing_begins_when_nothing_is_said(talk: Talk, runtime: FakeRuntime) -> None:
    """Who comes and leaves again has begun no session."""
    ending = talk.hold(("", "/help"), ("/quit", "/now"), ("/quit", KeyboardInterrupt), ("Ctrl-C again leaves", "/quit"))

    assert ending == Ending.ANSWERED
    assert runtime.requests == []


def test_message_typed_during_a_turn_waits_for_its_end(talk: Talk, runtime: FakeRuntime, gate: Gate) -> None:
    """Typed ahead, in order, none of it stops what runs."""
    runtime.rounds = [[("list_files", {"path": "src/deep"})], "said"]

    talk.hold(
        ("", "one"),
        ("session s-1", "two"),
        ("Held", "three"),
        ("Held", gate.open),
        ("said", nothing),
        ("said", nothing),
        ("said", nothing),
    )

    assert talk.sent() == [{"content": "one"}, {"content": "two"}, {"content": "three"}]
    assert len(runtime.of("add_tool_result")) == 3
    assert "TurnCancelled" not in {event["type"] for event in runtime.sessions["s-1"].log}


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["y"], {"decision": "approve"}),
        (["hm", "", "d", "yes"], {"decision": "approve"}),
        (["n keep it"], {"decision": "reject", "feedback": "keep it"}),
        (["no"], {"decision": "reject"}),
    ],
)
def test_change_waits_for_the_persons_word(
    talk: Talk, runtime: FakeRuntime, folder: Path, lines: list[str], body: dict[str, Any]
) -> None:
    """Shown, asked, asked again if need be, and done or refused with the reason."""
    runtime.rounds = [DELETE, "said"]

    talk.hold(("", "delete it"), *(("d to see all of it", line) for line in lines), ("said", "/quit"))

    assert talk.decided() == [body]
    assert len(runtime.of("add_tool_result")) == (body["decision"] == "approve")
    assert (folder / "README.md").exists() == (body["decision"] == "reject")
    assert talk.keyboard.prompts == [SAY, *[DECIDE] * len(lines), SAY]


def test_line_begun_before_the_question_is_no_answer(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Who was typing when the question came has not answered it, whatever the line says; it is a message."""
    runtime.rounds = [DELETE, "said"]

    def type_half(text: str) -> Callable[[], None]:
        return lambda: setattr(talk.keyboard, "half_typed", text)

    talk.hold(
        ("", type_half("y")),
        ("", "delete it"),
        ("d to see all of it", type_half("")),
        ("", "y"),
        ("Held", nothing),
        ("d to see all of it", "n"),
        ("said", nothing),
        ("d to see all of it", "n"),
        ("said", "/quit"),
    )

    assert (folder / "README.md").exists()
    assert [body["content"] for body in talk.sent()] == ["delete it", "y"]
    assert [decided["decision"] for decided in talk.decided()] == ["reject", "reject"]


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ([("", KeyboardInterrupt), ("Stopping the turn.", "do not")], {"content": "do not"}),
        ([("", KeyboardInterrupt), ("Stopping the turn.", "/now do not")], None),
        ([("", "/now do not")], {"content": "do not", "on_busy": "interrupt"}),
    ],
)
def test_next_message_takes_over_when_the_turn_is_given_up(
    talk: Talk, runtime: FakeRuntime, folder: Path, way: list[tuple[str, Act]], sent: dict[str, str] | None
) -> None:
    """Ctrl-C stops the turn at the server before the next message, /now with it: nothing is done, nothing is sent."""
    runtime.rounds = [DELETE, "said"]

    talk.hold(
        ("", "delete it"),
        ("d to see all of it", lambda: setattr(runtime, "rounds", ["instead"])),
        *way,
        ("instead", "/quit"),
    )

    assert (folder / "README.md").exists()
    assert runtime.of("add_tool_result") == []
    assert talk.decided() == []
    assert talk.sent()[1] in (
        [sent] if sent else [{"content": "do not"}, {"content": "do not", "on_busy": "interrupt"}]
    )
    assert len(runtime.of("cancel_turn")) == (len(way) > 1)
    assert "turn   stopped" in talk.shown
    assert talk.shown[-5:] == [
        "agent  orchestrator → ask (routed, confidence 0.9)",
        "ask:",
        "instead",
        "",
        LEAVING,
    ]
    assert talk.keyboard.prompts[-1] == SAY


def test_interrupt_kills_the_command_that_runs(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Ctrl-C during a command ends it; its result is not sent."""
    os.mkfifo(folder / "pipe")
    runtime.rounds = [[("execute_command", {"command": "echo $$ > pipe; sleep 300"})], "said"]
    pids: list[int] = []

    talk.hold(
        ("", "wait"),
        ("d to see all of it", "y"),
        ("", lambda: pids.append(int((folder / "pipe").read_text()))),
        ("", KeyboardInterrupt),
        ("turn   stopped", "/quit"),
    )
    all_turns_end()

    assert runtime.of("add_tool_result") == []
    assert runtime.sessions["s-1"].status == "idle"
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_messages_held_are_dropped_with_the_turn(talk: Talk, gate: Gate) -> None:
    """How many is said."""
    talk.hold(
        ("", "one"),
        ("", gate.wait_for_someone),
        ("", "two"),
        ("Held", KeyboardInterrupt),
        ("Not sent: 1 held.", "/quit"),
    )

    assert talk.sent() == [{"content": "one"}]


def test_turn_that_was_given_up_shows_and_does_nothing_more(
    talk: Talk, runtime: FakeRuntime, folder: Path, gate: Gate
) -> None:
    """What arrives of it afterwards is not shown, not asked and not done."""
    runtime.rounds = [DELETE]

    talk.hold(("", "one"), ("", gate.wait_for_someone), ("", KeyboardInterrupt), ("Stopping", "/quit"))
    gate.open()
    all_turns_end()

    assert talk.shown == ["session s-1", "", "Stopping the turn. Ctrl-C again leaves.", "", LEAVING]
    assert (folder / "README.md").exists()


def test_message_is_not_sent_when_it_is_taken_back_in_time(talk: Talk) -> None:
    """Ctrl-C while the session is being begun: nothing was said."""
    gate = Gate()
    talk.http.event_hooks = {"request": [lambda _request: gate.pass_through()]}

    talk.hold(("", "one"), ("", gate.wait_for_someone), ("", KeyboardInterrupt), ("Stopped waiting", gate.open))
    all_turns_end()

    assert talk.sent() == []
