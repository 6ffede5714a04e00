"""Plain language from the message to the answer, over files in memory."""

import pytest

from domain.model.agent import AgentType
from domain.model.message import CallStatus
from functions.adapters.models.offline.phrases import SUFFIX
from tests.functions.adapters.models.offline.talk import Talk, ToolError

FILES = {
    "README.md": "# Bakery\n\nBread, daily.\n\n```sh\n# no heading\n```\n## Use\nEat it.\n",
    "docs/lock.md": "The session lock is a thing.\n",
    "src/bakery/oven.py": "class Oven:\n    def heat(self):\n        return 1\n",
    "src/bakery/ports.py": "from typing import Protocol\n\n\nclass SessionLock(Protocol):\n    ...\n",
    "src/bakery/session_lock.py": (
        '"""Locks."""\n\nimport time\n\n\nclass FileSessionLock:\n    """A lock."""\n\n    def acquire(self):\n'
        "        self.session_lock = time.time()\n"
    ),
    "tests/test_session_lock.py": "class TestSessionLock:\n    def test_session_lock(self): ...\n",
    "settings.toml": "zq_token_77 = 5\n",
}


def _talk(agent: AgentType = AgentType.ASK) -> Talk:
    return Talk(files=dict(FILES), agent=agent)


def test_converse_finds_an_implementation_when_asked_where_it_is() -> None:
    """The answer names the true file and line, quotes it, and names other places; interface, tests, docs come later."""
    talk = _talk()

    answer = talk.say("Where is the session lock implemented?")

    assert "`FileSessionLock` is defined in `src/bakery/session_lock.py:6`:" in answer
    assert "     6  class FileSessionLock:" in answer
    assert "`SessionLock` is defined in `src/bakery/ports.py:4`, too:" in answer
    assert "- tests/test_session_lock.py:1  class TestSessionLock:" in answer.split("Other places:\n")[1]
    assert answer.endswith(SUFFIX)
    assert talk.tools[-1] == "attempt_completion"
    assert talk.rounds <= 4


def test_converse_puts_the_exact_name_first_when_no_implementation_is_asked_for() -> None:
    """Then the interface answers best."""
    answer = _talk().say("What is the session lock?")

    assert "`SessionLock` is defined in `src/bakery/ports.py:4`:" in answer
    assert "`FileSessionLock` is defined in `src/bakery/session_lock.py:6`, too:" in answer


def test_converse_finds_a_token_when_it_means_nothing() -> None:
    """Any identifier can be asked for."""
    answer = _talk().say("where is zq_token_77 defined?")

    assert "`zq_token_77` is defined in `settings.toml:1`:\n     1  zq_token_77 = 5" in answer


def test_converse_quotes_a_file_when_asked_what_it_says() -> None:
    """Headings and first lines are quoted with their numbers; a comment in an example is no heading."""
    talk = _talk()

    answer = talk.say("What does README.md say?")

    assert talk.calls[0] == ("read_file", {"path": "README.md"})
    assert "Headings:\n     1  # Bakery\n     8  ## Use\nFirst lines:\n     1  # Bakery\n     2\n" in answer


def test_converse_answers_in_russian_when_asked_in_russian() -> None:
    """The language of the question is the language of the answer; the suffix is the same everywhere."""
    answer = _talk().say("Где реализована блокировка сессии?")

    assert "`FileSessionLock` определён в `src/bakery/session_lock.py:6`:" in answer
    assert answer.endswith(SUFFIX)


def test_converse_finds_the_file_when_only_its_name_is_known() -> None:
    """A file that is not where it was asked for is looked for by its name."""
    talk = _talk()

    answer = talk.say("Read oven.py")

    assert "There is no `oven.py`; `src/bakery/oven.py` was read instead." in answer
    assert "Definitions:\n     1  class Oven:\n     2      def heat(self):" in answer


@pytest.mark.parametrize(
    ("text", "tool", "arguments", "answer"),
    [
        (
            'Write "hello" to notes/a.txt',
            "write_file",
            {"path": "notes/a.txt", "content": "hello", "create_dirs": True},
            "Wrote `notes/a.txt`: 1 line.",
        ),
        ("Please create a folder docs/adr", "create_directory", {"path": "docs/adr"}, "Created the folder `docs/adr`."),
        ("Delete old.txt", "delete_file", {"path": "old.txt"}, "Deleted `old.txt`."),
        ("Rename a.py to b.py", "move_file", {"source": "a.py", "destination": "b.py"}, "Moved `a.py` to `b.py`."),
        ("Run `make test`", "execute_command", {"command": "make test"}, "Ran `make test`; it printed nothing."),
        ("Запусти `make`", "execute_command", {"command": "make"}, "Выполнено `make`; вывода нет."),
        ("List the files in docs", "list_files", {"path": "docs"}, "`docs` holds 1 item:\n- docs/lock.md"),
    ],
)
def test_converse_does_as_told_when_the_wish_is_simple(text: str, tool: str, arguments: object, answer: str) -> None:
    """One call, then the completion."""
    talk = _talk(AgentType.CODER)

    said = talk.say(text)

    assert talk.calls[0] == (tool, arguments)
    assert said == f"{answer}\n\n{SUFFIX}"
    assert talk.tools == [tool, "attempt_completion"]


def test_converse_hands_over_when_another_agent_has_the_tool() -> None:
    """The agent that explains lets the coder write, and the coder goes on in the same turn."""
    talk = _talk()

    said = talk.say('Write "hello" to notes.txt')

    assert talk.tools == ["switch_mode", "write_file", "attempt_completion"]
    assert talk.calls[0][1]["mode"] == "coder"
    assert said.startswith("Wrote `notes.txt`: 1 line.")


def test_converse_says_so_when_no_agent_can() -> None:
    """Without a way to hand over it says which tool is missing."""
    talk = Talk(agent=AgentType.ASK, without=("switch_mode",))

    assert talk.say("Run `ls`").startswith("This needs the tool `execute_command`")
    assert talk.say("switch to debug").startswith("This needs the tool `switch_mode`")


def test_converse_says_so_when_the_hand_over_is_refused() -> None:
    """A refused hand-over is tried once, and reported."""
    talk = _talk()
    talk.failing["switch_mode"] = ToolError("Refused: no such agent.", CallStatus.REFUSED)

    said = talk.say("Run `ls`")

    assert talk.tools == ["switch_mode"]
    assert "This needs the tool `execute_command`" in said
    assert "Refused: no such agent." in said


def test_converse_does_not_hand_over_again_when_that_did_not_help() -> None:
    """An agent that lacks the tool after the hand-over says so."""
    talk = Talk(agent=AgentType.ASK, without=("execute_command",))

    said = talk.say("Run `ls`")

    assert talk.tools == ["switch_mode"]
    assert said.startswith("This needs the tool `execute_command`")


def test_converse_lets_the_architect_write_markdown_only() -> None:
    """What the server would refuse is handed over at once."""
    notes, code = _talk(AgentType.ARCHITECT), _talk(AgentType.ARCHITECT)

    notes.say('Write "hello" to notes.md')
    code.say('Write "hello" to notes.py')

    assert notes.tools == ["write_file", "attempt_completion"]
    assert code.tools == ["switch_mode", "write_file", "attempt_completion"]


def test_converse_switches_and_stays_when_told_to_switch() -> None:
    """The agent that was asked for listens to the next message: the task is not completed."""
    talk = _talk()

    said = talk.say("Switch to debug")

    assert (talk.tools, talk.agent) == (["switch_mode"], AgentType.DEBUG)
    assert said == f"The debug agent is listening now.\n\n{SUFFIX}"


def test_converse_works_before_or_after_the_switch_as_told() -> None:
    """The order of the message is the order of the calls."""
    first, last = _talk(), _talk()

    first.say("Switch to debug and list the files in docs")
    said = last.say("List the files in docs, then switch to debug")

    assert first.tools == ["switch_mode", "list_files"]
    assert last.tools == ["list_files", "switch_mode"]
    assert said.startswith("`docs` holds 1 item:")
    assert "The debug agent is listening now." in said


def test_converse_says_so_when_the_switch_that_was_told_is_refused() -> None:
    """The reason is the server's."""
    talk = _talk()
    talk.failing["switch_mode"] = ToolError("Refused: you are debug already.", CallStatus.REFUSED)

    assert "did not succeed: Refused: you are debug already." in talk.say("Switch to debug")


def test_converse_carries_out_several_wishes_in_order() -> None:
    """Each has its rounds; the answer has them all."""
    talk = _talk(AgentType.CODER)
    talk.outputs["execute_command"] = "ok"

    said = talk.say("Read README.md and list the files in docs, then run `make`")

    assert talk.tools == ["read_file", "list_files", "execute_command", "attempt_completion"]
    assert [part in said for part in ("`README.md`, 9 lines.", "`docs` holds 1 item", "Ran `make`:\nok")] == [True] * 3


def test_converse_stops_at_the_first_failure_and_does_not_complete() -> None:
    """What failed is told in the client's words, and does not count as a completed task."""
    talk = _talk(AgentType.CODER)
    talk.failing["write_file"] = ToolError("Rejected: not\n now.", CallStatus.REJECTED)

    said = talk.say('Write "x" to a.txt and run `ls`')

    assert talk.tools == ["write_file"]
    assert said == f"`write_file` did not succeed (rejected): Rejected: not now.\n\n{SUFFIX}"


def test_converse_stops_when_a_message_costs_too_many_rounds() -> None:
    """There is an end to every message, and what is known by then is told."""
    talk = _talk()

    said = talk.say("Read a.md, then read b.md, then find the sugar price")

    assert "Stopped" not in said
    talk = _talk()
    talk.files["x/oven.md"] = "hot\n"
    said = talk.say("Read oven.md and find the oven temperature, then find where the lock colour is")
    assert "Stopped after 6 rounds." in said
    assert "`x/oven.md` was read instead" in said
    assert talk.rounds == 7


def test_converse_completes_by_text_when_completion_is_not_offered_or_was_refused() -> None:
    """The answer comes one way or the other, and never twice."""
    without, refused = Talk(agent=AgentType.ASK, without=("attempt_completion",)), _talk()
    refused.failing["attempt_completion"] = ToolError("Refused: call it alone.", CallStatus.REFUSED)

    assert without.say("finish") == f"Finished, as you asked.\n\n{SUFFIX}"
    assert refused.say("finish") == f"Finished, as you asked.\n\n{SUFFIX}"
    assert refused.tools == ["attempt_completion"]


@pytest.mark.parametrize("text", ["hello", "Привет!", "what can you do?"])
def test_converse_says_what_it_can_when_greeted(text: str) -> None:
    """A greeting is no task."""
    talk = _talk()

    assert "README.md" in talk.say(text)
    assert talk.tools == []


def test_converse_admits_it_when_it_does_not_understand() -> None:
    """It does not pretend to program."""
    talk = _talk(AgentType.CODER)

    assert talk.say("Make the code nicer").startswith("I did not recognise what to do")
    assert talk.tools == []
