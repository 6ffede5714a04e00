"""Wishes in plain language, carried through the whole service: the right agent makes a call that it may make."""

import pytest

from domain.model.agent import AgentType
from domain.model.message import Message, Role
from functions.adapters.models.offline import OfflineModel
from tests.support.fakes import FakeClock
from tests.support.system import memory_system


def asked(wish: str, agent: AgentType = AgentType.ORCHESTRATOR, *, is_alone: bool = False) -> Message:
    """Return the last answer of a model after one message."""
    system = memory_system(model=OfflineModel(FakeClock()), single_agent=str(is_alone).lower())
    key = system.create(agent=agent)
    system.say(key, wish)
    system.work(key)
    answers = [message for message in system.messages(key) if message.role is Role.ASSISTANT]
    assert "ToolCallRefused" not in system.facts(key)
    return answers[-1]


WISHES = [
    ("Read README.md", "read_file"),
    ("List all files in docs/", "list_files"),
    ("Where is the session lock implemented?", "search_in_code"),
    ('Write "hello" to notes.txt', "write_file"),
    ("Create a folder called docs", "create_directory"),
    ("Delete notes.txt", "delete_file"),
    ("Rename a.txt to b.txt", "move_file"),
    ("Run `make test`", "execute_command"),
    ("ask me which colour: red or blue", "ask_followup_question"),
    ("Запусти `make test`", "execute_command"),
    ("Создай папку docs", "create_directory"),
]


@pytest.mark.parametrize("is_alone", [False, True], ids=["specialists", "universal alone"])
@pytest.mark.parametrize(("wish", "tool"), WISHES)
def test_wish_becomes_a_call_that_is_allowed_when_it_is_said_in_plain_words(
    wish: str, tool: str, *, is_alone: bool
) -> None:
    """Whoever is chosen: the call fits the real schema and the agent's tools, nothing was refused on the way."""
    answer = asked(wish, is_alone=is_alone)

    assert {call.tool for call in answer.tool_calls} == {tool}


@pytest.mark.parametrize("agent", [AgentType.ASK, AgentType.DEBUG, AgentType.ARCHITECT])
def test_change_is_handed_to_the_coder_when_the_agent_may_not_make_it(agent: AgentType) -> None:
    """An agent that has no tool for a wish knows who has."""
    answer = asked("Delete notes.txt", agent)

    assert (answer.agent, answer.tool_calls[0].tool) == (AgentType.CODER, "delete_file")
