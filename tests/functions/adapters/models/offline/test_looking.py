"""Listing, reading and searching: what is asked for, and what the answer quotes."""

import json

import pytest

from domain.model.llm import RequestedCall
from domain.model.message import CallStatus
from functions.adapters.models.offline import doing, looking
from functions.adapters.models.offline.phrases import Voice
from functions.adapters.models.offline.scripts import Ending, Script
from functions.adapters.models.offline.terms import Quest
from functions.adapters.models.offline.transcript import Step
from functions.adapters.models.offline.wishes import (
    ListFiles,
    MakePlan,
    MoveFile,
    ReadFiles,
    RunCommand,
    Search,
    WriteFile,
)
from tests.functions.adapters.models.offline.talk import step

VOICE = Voice()
FAILED = CallStatus.FAILED


def _play(script: Script, *rounds: tuple[Step, ...]) -> tuple[list[tuple[RequestedCall, ...]], Ending | None]:
    """Return what a script asks for in each round, and its ending, None while it goes on."""
    wanted: list[tuple[RequestedCall, ...]] = []
    try:
        wanted.append(next(script))
        for steps in rounds:
            wanted += [script.send(steps)]
    except StopIteration as stop:
        ending: Ending = stop.value
        return wanted, ending
    return wanted, None


def _ended(script: Script, *rounds: tuple[Step, ...]) -> Ending:
    ending = _play(script, *rounds)[1]
    assert ending is not None
    return ending


def _hits(*lines: tuple[str, int, str]) -> str:
    return json.dumps([{"path": path, "line": line, "text": text} for path, line, text in lines])


def test_list_files_asks_for_what_is_wished() -> None:
    """Depth and pattern go into the call."""
    (wanted,), _ = _play(looking.list_files(ListFiles("src", is_recursive=True, pattern="*.py"), VOICE))

    assert [call.arguments for call in wanted] == [{"path": "src", "recursive": True, "pattern": "*.py"}]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[]", "`.` holds nothing that fits."),
        ('["a"]', "`.` holds 1 item:\n- a"),
        (json.dumps([str(n) for n in range(82)]), "… and 2 more"),
    ],
)
def test_list_files_shows_what_is_there(content: str, text: str) -> None:
    """Long listings are cut and counted."""
    ending = _ended(looking.list_files(ListFiles("."), VOICE), (step("list_files", content=content),))

    assert text in ending.text
    assert ending.is_complete


def test_list_files_tells_the_error_when_it_fails() -> None:
    """The client's words are the reason."""
    ending = _ended(
        looking.list_files(ListFiles("no"), VOICE), (step("list_files", content="No folder.", outcome=FAILED),)
    )

    assert ending == Ending("`list_files` did not succeed (failed): No folder.", is_complete=False)


def test_read_files_quotes_exactly_the_lines_asked_for() -> None:
    """The numbers are those of the file."""
    (wanted,), _ = _play(looking.read_files(ReadFiles(("a.py",), (7, 8)), VOICE))
    arguments = wanted[0].arguments

    ending = _ended(looking.read_files(ReadFiles(("a.py",), (7, 8)), VOICE), (step("read_file", arguments, "x\n\n"),))

    assert arguments == {"path": "a.py", "start_line": 7, "end_line": 8}
    assert ending.text == "`a.py`, lines 7 to 8.\n     7  x\n     8"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "`a.py` is empty."),
        ("\n \n", "`a.py` is empty."),
        ("x" * 300, "x" * 200 + "…"),
        ("a\n[… 9 characters left out …]\nb", "`a.py`, the beginning: the middle is too long to be shown to a model."),
        ("def f(): ...\n" * 17, "… and 2 more"),
    ],
)
def test_read_files_shows_as_much_as_is_sensible(content: str, text: str) -> None:
    """Empty, long and cut files are told as what they are."""
    ending = _ended(looking.read_files(ReadFiles(("a.py",)), VOICE), (step("read_file", {"path": "a.py"}, content),))

    assert text in ending.text


def test_read_files_reads_several_and_tells_which_failed() -> None:
    """What was found is quoted, what was refused is told; a refused path is not looked for elsewhere."""
    good = step("read_file", {"path": "a.py"}, "x = 1\n")
    bad = step("read_file", {"path": "../b"}, "Refused: path.", CallStatus.REFUSED)

    ending = _ended(looking.read_files(ReadFiles(("a.py", "../b")), VOICE), (good, bad))

    assert "`a.py`, 1 line." in ending.text
    assert "`read_file` did not succeed (refused): Refused: path." in ending.text
    assert not ending.is_complete


@pytest.mark.parametrize(
    "rounds",
    [
        [(step("list_files", content="[]"),)],
        [(step("list_files", content="no", outcome=FAILED),)],
        [(step("list_files", content='["c/b.py"]'),), (step("read_file", {"path": "c/b.py"}, "no", FAILED),)],
        [(step("list_files", content='["c/b.py"]'),), (step("read_file", {"path": "other"}, "x"),)],
    ],
)
def test_read_files_tells_the_error_when_the_file_is_nowhere(rounds: list[tuple[Step, ...]]) -> None:
    """Whatever goes wrong while looking elsewhere, the first error is what the user is told."""
    missing = step("read_file", {"path": "b.py"}, "There is no b.py.", FAILED)

    ending = _ended(looking.read_files(ReadFiles(("b.py",)), VOICE), (missing,), *rounds)

    assert ending == Ending("`read_file` did not succeed (failed): There is no b.py.", is_complete=False)


def test_search_widens_when_the_first_searches_find_too_little() -> None:
    """Then plain words are searched for, and an honest "nothing" names the searches."""
    script = looking.search(Search(Quest(words=("oven", "door"), title="oven door")), VOICE)
    nothing = step("search_in_code", {"query": "q"}, "[]")

    wanted, ending = _play(script, (nothing,) * 3, (nothing,) * 5)

    queries = [(call.arguments or {})["query"] for call in wanted[1]]
    assert queries[1:] == ["OvenDoor", "oven_door", "oven", "door"]
    assert ending is not None
    assert ending.text.startswith('Nothing was found for "oven door". Searched for: `q`')
    assert ending.is_complete


def test_search_tells_the_error_when_every_search_fails() -> None:
    """A failed search found nothing, which is not the same as nothing being there."""
    failed = step("search_in_code", {"query": "oven"}, "Too much to search.", FAILED)

    ending = _ended(looking.search(Search(Quest(words=("oven",))), VOICE), (failed, failed))

    assert ending.text.startswith("`search_in_code` did not succeed (failed): Too much to search.")
    assert not ending.is_complete


@pytest.mark.parametrize(
    ("read", "excerpt"),
    [
        (
            step("read_file", {"path": "a.py", "start_line": 2}, "\nclass Oven:\n    x = 1\n\n"),
            "     3  class Oven:\n     4      x = 1",
        ),
        (step("read_file", {"path": "a.py", "start_line": 2}, "# a\n\nclass Oven:\n"), "     3  class Oven:"),
        (step("read_file", {"path": "a.py", "start_line": 2}, "something\nelse\n"), "     3  class Oven:"),
        (step("read_file", {"path": "a.py", "start_line": True}, ""), "     3  class Oven:"),
        (
            step("read_file", {"path": "a.py"}, "No.", FAILED),
            "     3  class Oven:\n\n`read_file` did not succeed (failed): No.",
        ),
    ],
)
def test_search_quotes_lines_under_their_true_numbers(read: Step, excerpt: str) -> None:
    """Whether the client sent the lines asked for, the whole file, or nothing of use."""
    found = step("search_in_code", {"query": "oven"}, _hits(("a.py", 3, "class Oven:")))

    ending = _ended(looking.search(Search(Quest(words=("oven",))), VOICE), (found, found), (read,))

    assert ending.text == f"`Oven` is defined in `a.py:3`:\n{excerpt}"


def test_search_quotes_the_hit_when_the_file_was_not_read() -> None:
    """A result that is missing from the history costs only the lines around."""
    found = step("search_in_code", {"query": "oven"}, _hits(("a.txt", 3, "hot oven")))

    ending = _ended(looking.search(Search(Quest(words=("oven",))), VOICE), (found,), ())

    assert ending.text == 'The best match for "" is `a.txt:3`:\n     3  hot oven'


def test_search_calls_a_definition_the_closest_when_it_has_not_everything() -> None:
    """What it did not find it does not claim."""
    found = step("search_in_code", {"query": "oven"}, _hits(*((f"{n:02}.py", 3, "class Oven:") for n in range(12))))
    script = looking.search(Search(Quest(words=("oven", "door"), title="oven door")), VOICE)

    ending = _ended(script, (found,), (found,), ())

    assert ending.text.startswith('The closest definition to "oven door" is `Oven` in `00.py:3`:')
    assert ending.text.endswith("… and 3 more")


def test_write_file_counts_lines() -> None:
    """One line is one line."""
    ending = _ended(doing.write_file(WriteFile("a.md", "x\ny\n"), VOICE), (step("write_file"),))

    assert ending == Ending("Wrote `a.md`: 2 lines.")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "Ran `ls`; it printed nothing."),
        ("a\nb", "Ran `ls`:\na\nb"),
        ('{"stdout": "out\\n", "stderr": "err", "exit_code": 1}', "Ran `ls`:\nout\nerr\nexit code 1"),
        ('{"output": ["odd"], "exit_code": "odd"}', "Ran `ls`; it printed nothing."),
        ("x\n" * 41, "… and 1 more"),
    ],
)
def test_run_command_shows_what_it_printed(content: str, text: str) -> None:
    """Text or the parts of an object, cut when long."""
    ending = _ended(doing.run_command(RunCommand("ls"), VOICE), (step("execute_command", content=content),))

    assert text in ending.text


def test_run_command_tells_the_error_when_it_is_rejected() -> None:
    """A human said no."""
    rejected = step("execute_command", content="", outcome=CallStatus.REJECTED)

    ending = _ended(doing.run_command(RunCommand("ls"), VOICE), (rejected,))

    assert ending == Ending("`execute_command` did not succeed (rejected): -", is_complete=False)


def test_move_file_tells_it_when_there_is_no_result() -> None:
    """A history without the result is no success."""
    ending = _ended(doing.move_file(MoveFile("a", "b"), VOICE), (step("move_file", outcome=None),))

    assert ending == Ending("`move_file` did not succeed (no result): -", is_complete=False)


def test_make_plan_plans_again_when_the_plan_comes_back_with_remarks() -> None:
    """The remarks stand in the second plan; a second refusal ends it."""
    rejected = step("create_plan", content="Smaller steps.", outcome=CallStatus.REJECTED)

    wanted, ending = _play(doing.make_plan(MakePlan("bake"), VOICE), (rejected,), (rejected,))

    assert (wanted[1][0].arguments or {})["description"] == "bake\n\nFeedback: Smaller steps."
    assert ending is not None
    assert not ending.is_complete


@pytest.mark.parametrize(
    ("goal", "titles"),
    [
        ("bake", ["List all files in .", "Bake", "Find bake"]),
        ("it", ["List all files in .", "It"]),
        ("First mix the dough, then bake it. Finally eat it", ["Mix the dough", "Bake it", "Eat it"]),
        ("Bread: first mix, then bake", ["Mix", "Bake"]),
        ("- mix\n- bake", ["Mix", "Bake"]),
        ("Сначала замеси, затем испеки", ["Замеси", "Испеки"]),
    ],
)
def test_make_plan_takes_the_steps_that_the_goal_names(goal: str, titles: list[str]) -> None:
    """Steps in a list or in a sequence, else look, do and check; each depends on the one before."""
    (wanted,), _ = _play(doing.make_plan(MakePlan(goal), VOICE))
    subtasks = (wanted[0].arguments or {})["subtasks"]

    assert [task["title"] for task in subtasks] == titles
    assert [task["dependencies"] for task in subtasks] == [[], *([at] for at in range(len(titles) - 1))]
