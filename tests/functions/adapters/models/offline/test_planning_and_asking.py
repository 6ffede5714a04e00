"""Plans, questions to the user, and what comes of them."""

import pytest

from domain.model.agent import AgentType
from domain.model.message import CallStatus
from functions.adapters.models.offline.phrases import SUFFIX
from tests.functions.adapters.models.offline.talk import Talk, ToolError

FILES = {
    "README.md": "# Bakery\n",
    "src/session_lock.py": "class FileSessionLock:\n    ...\n",
}


def _talk(agent: AgentType) -> Talk:
    return Talk(files=dict(FILES), agent=agent)


def test_converse_plans_when_an_architect_is_given_a_task() -> None:
    """A task that nobody recognises is planned: look, do, check."""
    talk = _talk(AgentType.ARCHITECT)

    said = talk.say("Build a bakery app")

    plan = talk.calls[0][1]
    assert [(task["agent"], task["dependencies"]) for task in plan["subtasks"]] == [
        ("ask", []),
        ("coder", [0]),
        ("ask", [1]),
    ]
    assert said.startswith("The plan “Build a bakery app” was accepted.")


def test_converse_lets_the_architect_plan_when_asked_for_a_plan() -> None:
    """Steps that the goal names become the subtasks."""
    talk = _talk(AgentType.CODER)

    talk.say("Plan this:\n1. Write the oven\n2. Why does it crash?\n3. Design a door")

    tools, plan = talk.tools, talk.calls[1][1]
    assert tools == ["switch_mode", "create_plan", "attempt_completion"]
    assert [(task["title"], task["agent"]) for task in plan["subtasks"]] == [
        ("Write the oven", "coder"),
        ("Why does it crash?", "debug"),
        ("Design a door", "coder"),
    ]


def test_converse_answers_a_question_when_the_architect_is_asked() -> None:
    """A question is never a plan."""
    talk = _talk(AgentType.ARCHITECT)

    talk.say("Is it?")

    assert talk.tools == []


@pytest.mark.parametrize(
    ("question", "reply", "call"),
    [
        ("Create notes.md", "Leave it empty", ("write_file", {"path": "notes.md", "content": ""})),
        ("Create notes.md", "list of things", ("write_file", {"path": "notes.md", "content": "list of things"})),
        ("Create notes.md", "```\na\nb\n```", ("write_file", {"path": "notes.md", "content": "a\nb"})),
        ("Run the tests", "make test", ("execute_command", {"command": "make test"})),
        ("Run the tests", "run `make`", ("execute_command", {"command": "make"})),
        ("Create a folder", "docs", ("create_directory", {"path": "docs"})),
        ("Create a folder", "create a folder docs", ("create_directory", {"path": "docs"})),
        ("Read the file", "README.md", ("read_file", {"path": "README.md"})),
        ("Read the file", "List all files in .", ("list_files", {"path": ".", "recursive": True})),
        ("Создай папку", "docs", ("create_directory", {"path": "docs"})),
    ],
)
def test_converse_asks_for_what_is_missing_and_goes_on_with_the_reply(question: str, reply: str, call: object) -> None:
    """The reply completes the wish it was asked for."""
    talk = _talk(AgentType.CODER)

    asked = talk.say(question)
    talk.say(reply)

    assert asked.endswith("?")
    assert talk.tools[0] == "ask_followup_question"
    assert talk.calls[1] == call


@pytest.mark.parametrize("reply", ["never mind", "отмена"])
def test_converse_drops_the_wish_when_the_reply_calls_it_off(reply: str) -> None:
    """Nothing is written because somebody changed his mind."""
    talk = _talk(AgentType.CODER)

    talk.say("Create notes.md")
    talk.say(reply)

    assert "write_file" not in talk.tools


def test_converse_asks_in_text_when_it_has_no_tool_to_ask() -> None:
    """The question and its suggestions come as a text."""
    talk = Talk(agent=AgentType.CODER, without=("ask_followup_question",))

    said = talk.say("ask me which colour: red or blue")

    assert said == f"Which colour?\n- red\n- blue\n\n{SUFFIX}"


def test_converse_takes_the_reply_when_it_asked_in_text() -> None:
    """A question is a question, whichever way it was asked; whoever asked none gets no reply."""
    talk = Talk(agent=AgentType.CODER, without=("ask_followup_question",))

    talk.say("Run the tests")
    talk.say("make test")

    assert talk.calls[0] == ("execute_command", {"command": "make test"})


def test_converse_understands_the_subtasks_of_its_own_plans() -> None:
    """A plan that is approved can be carried out as far as rules can."""
    architect = _talk(AgentType.ARCHITECT)
    architect.say("Paint a session lock")

    said = {}
    for task in architect.calls[0][1]["subtasks"]:
        talk = _talk(AgentType(task["agent"]))
        said[task["title"]] = talk.say(f"{task['title']}\n\n{task['description']}").split("\n")[0]

    assert said["List all files in ."] == "`.` holds 2 items:"
    assert said["Find Paint session lock"].startswith("The closest definition to")
    assert said["Paint a session lock"].startswith("I did not recognise")


def test_converse_repeats_the_question_as_text_when_asking_was_refused() -> None:
    """A refused question is still asked."""
    talk = _talk(AgentType.ASK)
    talk.failing["ask_followup_question"] = ToolError("Refused.", CallStatus.REFUSED)

    assert talk.say("ask me whether to go on") == f"Whether to go on?\n\n{SUFFIX}"
