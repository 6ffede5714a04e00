"""What the server wants decided is decided here: shown, edited, remembered, in time or too late."""

import shlex
import sys
from pathlib import Path

import pytest

from clients.terminal.editing import Editor
from tests.clients.fake_http import problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_session import Round
from tests.clients.terminal.talk import DELETE, Talk, all_turns_end, nothing

ASKED = "d to see all of it"
WRITE: Round = [("write_file", {"path": "new.txt", "content": "one"})]


def editor(script: str) -> Editor:
    """Return an editor that does to the file `path` what a script says."""
    code = f"import pathlib, sys; path = pathlib.Path(sys.argv[1]); {script}"
    return Editor({"EDITOR": shlex.join([sys.executable, "-c", code])})


def test_edited_call_is_executed_exactly_as_granted(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """The arguments are changed in the editor, shown again, and sent; the file holds them."""
    runtime.rounds = [WRITE, "said"]
    talk.editor = editor("path.write_text(path.read_text().replace('one', 'two'))")

    talk.hold(("", "write"), (ASKED, "e"), ("+two", nothing), (ASKED, "y"), ("said", "/quit"))

    assert talk.decided() == [{"decision": "edit", "modified_arguments": {"path": "new.txt", "content": "two"}}]
    assert (folder / "new.txt").read_text() == "two"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not json", "That is not JSON"),
        ("[]", "Arguments are a JSON object"),
        ('{"path": "../x", "content": ""}', "That cannot be done"),
    ],
)
def test_unfit_arguments_are_told_and_asked_again(
    talk: Talk, runtime: FakeRuntime, folder: Path, line: str, words: str
) -> None:
    """Typed on one line without an editor, begun with what there is; nothing unfit reaches the server."""
    runtime.rounds = [WRITE, "said"]

    talk.hold(("", "write"), (ASKED, "e"), ("on one line", line), (words, "e"), ("on one line", ""), (ASKED, "n"))
    all_turns_end()

    assert talk.keyboard.begun == ['{"path": "new.txt", "content": "one"}', line]
    assert talk.decided() == [{"decision": "reject"}]
    assert not (folder / "new.txt").exists()


@pytest.mark.parametrize("script", ["sys.exit(3)", "path.unlink()"])
def test_nothing_is_changed_when_the_editor_fails(talk: Talk, runtime: FakeRuntime, script: str) -> None:
    """The question stays."""
    runtime.rounds = [WRITE, "said"]
    talk.editor = editor(script)

    talk.hold(("", "write"), (ASKED, "e"), ("Nothing was changed.", "y"), ("said", "/quit"))

    assert talk.decided() == [{"decision": "approve"}]


def test_edit_is_asked_for_again_when_the_server_does_not_take_it(talk: Talk, runtime: FakeRuntime) -> None:
    """Arguments outside the tool's schema are the person's to put right."""
    runtime.rounds = [WRITE, "said"]
    errors = [{"field": "content", "message": "too short"}]
    runtime.faults["decide_approval"].append(problem(422, "VALIDATION_ERROR", errors=errors))

    talk.hold(
        ("", "write"),
        (ASKED, 'e {"path": "new.txt", "content": ""}'),
        (ASKED, "y"),
        ("content: too short", nothing),
        (ASKED, "n"),
        ("said", "/quit"),
    )

    assert [decided["decision"] for decided in talk.decided()] == ["edit", "reject"]


def test_allowed_for_the_run_is_not_asked_again(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Every further call of the tool passes; a command only when it is the same one."""
    runtime.rounds = [
        [("create_directory", {"path": "a"}), ("create_directory", {"path": "b"})],
        [("execute_command", {"command": "echo 1"}), ("execute_command", {"command": "echo 1"})],
        [("execute_command", {"command": "echo 2"})],
        "said",
    ]

    talk.hold(
        ("", "go"),
        ("every create_directory", "a"),
        ("this same command", "a"),
        ("  echo 2", nothing),
        (ASKED, "n"),
        ("said", "/quit"),
    )

    assert [decided["decision"] for decided in talk.decided()] == ["approve"] * 4 + ["reject"]
    assert (folder / "b").is_dir()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("APPROVAL_EXPIRED", "Too late: the approval has expired"),
        ("APPROVAL_ALREADY_DECIDED", "It has been decided already"),
    ],
)
def test_decision_that_comes_too_late_is_told(
    talk: Talk, runtime: FakeRuntime, folder: Path, code: str, words: str
) -> None:
    """Nothing is executed, and the turn goes on."""
    runtime.rounds = [DELETE, "said"]

    def too_late() -> None:
        runtime.faults["decide_approval"].append(problem(409, code))
        runtime.after_effect.discard("decide_approval")

    talk.hold(
        ("", "delete"),
        (ASKED, too_late),
        ("", "y"),
        (words, lambda: runtime.expire(runtime.sessions["s-1"], "a-5-0")),
        ("said", "/quit"),
    )

    assert (folder / "README.md").exists()
    assert runtime.of("add_tool_result") == []


def test_question_is_withdrawn_when_its_time_runs_out(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Noticed while the person thinks; his late yes is no message."""
    runtime.rounds = [DELETE, "said"]

    talk.hold(
        ("", "delete"),
        (ASKED, lambda: runtime.expire(runtime.sessions["s-1"], "a-5-0")),
        ("That is settled", "y"),
        ("There is no question any more.", nothing),
        ("", "/quit"),
    )
    all_turns_end()

    assert (folder / "README.md").exists()
    assert (len(talk.sent()), talk.decided()) == (1, [])


def test_call_is_executed_when_it_was_granted_elsewhere(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """Whoever decided, the arguments are the granted ones, and it runs once."""
    runtime.rounds = [WRITE, "said"]

    def elsewhere() -> None:
        body = {"decision": "edit", "modified_arguments": {"path": "new.txt", "content": "theirs"}}
        runtime._decide(runtime.sessions["s-1"], "a-5-0", body)

    talk.hold(("", "write"), (ASKED, elsewhere), ("That is settled", nothing), ("said", "/quit"))

    assert (folder / "new.txt").read_text() == "theirs"
    assert len(runtime.of("add_tool_result")) == 1


def test_pending_approval_is_asked_again_by_the_next_client(talk: Talk, runtime: FakeRuntime, folder: Path) -> None:
    """A client that left at the question leaves it open; the next one asks, once, and does it once."""
    runtime.rounds = [DELETE, "said"]

    talk.hold(("", "delete"), (ASKED, "/quit"))
    all_turns_end()
    talk.hold((ASKED, "y"), ("said", "/quit"), session="s-1")

    assert not (folder / "README.md").exists()
    assert talk.decided() == [{"decision": "approve"}]
    assert len(runtime.of("add_tool_result")) == 1


def test_call_that_cannot_be_carried_out_is_rejected_without_asking(talk: Talk, runtime: FakeRuntime) -> None:
    """It is no question for a person."""
    runtime.rounds = [[("delete_file", {"path": "nowhere"})], "said"]

    talk.hold(("", "delete"), ("said", "/quit"))

    assert talk.decided() == [
        {"decision": "reject", "feedback": "This cannot be carried out here: `nowhere` does not exist."}
    ]


def test_reading_is_asked_about_when_a_policy_wants_it(talk: Talk, runtime: FakeRuntime) -> None:
    """The call itself is shown; the answer is what counts."""
    runtime.needs_approval.add("read_file")
    runtime.rounds = [[("read_file", {"path": "src/a.py"})], "said"]

    talk.hold(("", "read"), ("Call the tool `read_file`.", "y"), ("1 line, 5 characters", nothing), ("said", "/quit"))


def test_number_answers_with_the_suggestion(talk: Talk, runtime: FakeRuntime) -> None:
    """The question shows its answers; a bare number is that text, any other number itself."""
    asks: Round = [("ask_followup_question", {"question": "Which?", "suggestions": ["red", "blue"]})]
    runtime.rounds = [asks]

    talk.hold(("", "paint"), ("2  blue", "2"), ("2  blue", "3"), ("2  blue", "/quit"))

    assert [body["content"] for body in talk.sent()] == ["paint", "blue", "3"]
    assert "    1  red" in talk.shown
