"""The operator's commands: what they print, how they end."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.dead_ends import COMMITS, STACK_NAME, dead_ends
from infra.operations.cli import NOTHING, app
from infra.operations.endings import Ending
from tests.support.builders import make_event, make_key
from tests.support.operated import Operated, end_of, envelope

TEXT = "words that a user said"


@pytest.fixture
def found(stack: Operated) -> Operated:
    """Return the stack, which CloudFormation knows by its name."""
    outputs = {name: {"Value": value} for name, value in stack.target.outputs.items()}
    template = {"Resources": {"Any": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs}
    stack.client("cloudformation").create_stack(StackName=STACK_NAME, TemplateBody=json.dumps(template))
    return stack


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def _json(*words: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def _fill(stack: Operated) -> None:
    """Put one good letter into every kind."""
    stack.write(make_event())
    for end in dead_ends():
        if end.origin_output:
            stack.put(end, envelope(make_event()))
        elif end.kind == COMMITS:
            stack.put(end, json.dumps({"key": make_key().model_dump(), "last_seq": 3}))
        else:
            stack.put(end, json.dumps({"id": "tick", "text": TEXT}))


@pytest.mark.usefixtures("found")
def test_list_counts_every_kind_when_nothing_waits() -> None:
    """Each kind has its line, and the command ends well."""
    code, said = _run("dead-letters", "list")

    assert code == Ending.DONE
    assert all(end.kind in said and end.meaning.split()[1] in said for end in dead_ends())
    assert _run("dead-letters", "send", "--dry-run") == (Ending.DONE, f"{NOTHING}\n")


def test_list_and_show_tell_what_waits_and_leave_it(found: Operated) -> None:
    """Session, turn, type and how often; not a word of anybody's; and looking again finds the same."""
    _fill(found)

    code, listed = _json("dead-letters", "list")
    again = _json("dead-letters", "list")[1]
    shown = {end.kind: _json("dead-letters", "show", end.kind)[1]["letters"] for end in dead_ends()}

    assert code == Ending.DONE
    assert {kind["kind"]: kind["waiting"] for kind in listed["kinds"]} == dict.fromkeys(shown, 1)
    assert [letter["id"] for letter in again["letters"]] == [letter["id"] for letter in listed["letters"]]
    (turn,) = [letter for letter in listed["letters"] if letter["kind"] == "turns"]
    assert (turn["what"], turn["session"], turn["turn"], turn["seq"]) == ("TurnRequested", "s1", 1, 3)
    assert shown["turns"][0]["session_now"] == "no such session"
    assert shown[COMMITS][0]["facts"] == ["3 TurnRequested"]
    assert TEXT not in json.dumps([listed, shown])
    assert "TurnRequested" in _run("dead-letters", "list")[1]
    assert "TurnRequested" in _run("dead-letters", "show", "turns", turn["id"])[1]


def test_send_says_what_became_of_each_letter_when_one_cannot_be_sent(found: Operated) -> None:
    """The table names each, the exit code says that something was left, and nothing is lost."""
    found.write(make_event())
    found.put(end_of(COMMITS), json.dumps({"key": make_key().model_dump(), "last_seq": 3}))
    found.put(end_of(COMMITS), "no key")
    found.put(end_of("turns"), envelope(make_event()))

    would = _json("dead-letters", "send", "--dry-run")[1]["letters"]
    code, said = _run("dead-letters", "send")
    left = _json("dead-letters", "list")[1]["letters"]

    assert len(would) == 3
    assert code == Ending.SOMETHING_LEFT
    assert "1 of 3 could not be sent" in said
    assert [(letter["kind"], letter["what"]) for letter in left] == [(COMMITS, "unreadable")]
    assert found.sent_back(end_of("turns")) == [envelope(make_event())]


def test_republish_tells_a_session_again_as_often_as_it_is_asked(found: Operated) -> None:
    """Facts are counted the same each time, and a dry run says the same and does nothing."""
    found.write(make_event(seq=2), make_event(seq=3))
    session = ("republish", "--session", "s1", "--user", make_key().user)

    dry = _json(*session, "--dry-run")
    once, twice = _json(*session), _json(*session)

    assert dry == (Ending.DONE, {**once[1], "dry_run": True})
    assert once == twice == (Ending.DONE, once[1])
    assert (once[1]["commits"], once[1]["events"]) == (1, 2)
    assert _run(*session)[1] == "1 commits, 2 facts told again.\n"


def test_republish_ends_with_one_when_a_commit_is_of_another_version(found: Operated) -> None:
    """What was not told is named by its key."""
    found.write_unreadable(make_event())

    code, said = _json("republish", "--since", "2026-01-01T00:00:00Z")

    assert code == Ending.SOMETHING_LEFT
    assert said["unreadable"] == [{"key": make_key().model_dump(), "last_seq": 3}]


def test_republish_parked_is_sending_the_dead_letters_that_are_commits(found: Operated) -> None:
    """The same letters are done with, and no others."""
    _fill(found)

    code, said = _json("republish", "--parked")
    left = {letter["kind"] for letter in _json("dead-letters", "list")[1]["letters"]}

    assert (code, [letter["outcome"] for letter in said["letters"]]) == (Ending.DONE, ["sent"])
    assert left == {end.kind for end in dead_ends()} - {COMMITS}


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("dead-letters", "list", "--kind", "love"), Ending.REFUSED, "no dead letters of a kind 'love'"),
        (("dead-letters", "send", "--id", "nobody"), Ending.REFUSED, "no dead letter nobody"),
        (("dead-letters", "show", "turns", "nobody"), Ending.REFUSED, "no dead letter nobody"),
        (("republish",), Ending.REFUSED, "Say which commits"),
        (("republish", "--session", "none", "--user", "nobody"), Ending.REFUSED, "no such session"),
        (("dead-letters", "list", "--stack", "Other"), Ending.NOT_CONNECTED, "no stack Other in us-east-1"),
        (("dead-letters", "list", "--profile", "nobody"), Ending.NOT_CONNECTED, "does not know who asks"),
    ],
)
def test_command_says_what_to_do_when_it_cannot_be_done(words: tuple[str, ...], code: Ending, said: str) -> None:
    """One sentence, and an exit code that a script can tell from the others."""
    assert _run(*words)[0] == code
    assert said in _run(*words)[1]


def test_command_names_the_output_when_the_stack_is_of_an_older_version(stack: Operated) -> None:
    """A stack without these queues has to be deployed first."""
    template = {"Resources": {"Any": {"Type": "AWS::SQS::Queue"}}}
    stack.client("cloudformation").create_stack(StackName=STACK_NAME, TemplateBody=json.dumps(template))

    code, said = _run("dead-letters", "list")

    assert code == Ending.NOT_CONNECTED
    assert "deploy it with this version first" in said


def test_command_says_how_to_start_a_local_cloud_when_there_is_none(tmp_path: Path) -> None:
    """An `endpoint.json` that is not there."""
    code, said = _run("dead-letters", "list", "--endpoint", str(tmp_path / "endpoint.json"))

    assert code == Ending.NOT_CONNECTED
    assert "make up" in said


def test_operator_has_the_clients_commands_too() -> None:
    """One program: whoever installs the operator's has the client's."""
    said = _run("--help")[1]

    assert all(command in said for command in ("chat", "sessions", "login", "dead-letters", "republish"))
