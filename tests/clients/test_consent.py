"""Nothing is changed that nobody allowed, and everything else needs no asking."""

from pathlib import Path
from typing import Any

import pytest

from clients.consent import (
    GRANTED,
    AllowAll,
    Allowances,
    AllowNothing,
    AskFirst,
    Decision,
    Question,
    refused_by_user,
)
from clients.tools.outcome import ToolDone, ToolFailed
from clients.tools.tool import Proposal
from clients.workspace import Workspace

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("write_file", {"path": "README.md", "content": "new"}),
    ("create_directory", {"path": "new"}),
    ("delete_file", {"path": "README.md"}),
    ("move_file", {"source": "README.md", "destination": "b.md"}),
    ("execute_command", {"command": "rm README.md"}),
]


class Person:
    """Somebody who always says the same."""

    def __init__(self, decision: Decision) -> None:
        self.asked: list[Question] = []
        self._decision = decision

    def decide(self, question: Question) -> Decision:
        """Say it."""
        self.asked.append(question)
        return self._decision


@pytest.mark.parametrize(("tool", "arguments"), CHANGES)
def test_change_is_not_made_when_the_user_refuses(
    hands: Workspace, folder: Path, tool: str, arguments: dict[str, Any]
) -> None:
    """The model reads the reason, the folder stays as it is."""
    person = Person(refused_by_user("  not this one "))
    before = sorted(folder.rglob("*"))

    outcome = AskFirst(hands, person).execute(tool, arguments)

    assert outcome == ToolFailed("refused: not this one")
    assert len(person.asked) == 1
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(("tool", "arguments"), CHANGES)
def test_change_is_made_when_allowed(hands: Workspace, folder: Path, tool: str, arguments: dict[str, Any]) -> None:
    """Asked once, done once."""
    person = Person(GRANTED)
    before = (folder / "README.md").read_text()

    outcome = AskFirst(hands, person).execute(tool, arguments)

    assert isinstance(outcome, ToolDone)
    assert len(person.asked) == 1
    assert (
        (folder / "new").is_dir() or not (folder / "README.md").exists() or (folder / "README.md").read_text() != before
    )


def test_nobody_is_asked_when_nothing_changes_or_nothing_can_be_done(hands: Workspace) -> None:
    """Reading needs no consent, and what would fail anyway is no question for a person."""
    person = Person(GRANTED)
    ask = AskFirst(hands, person)

    assert ask.execute("read_file", {"path": "src/a.py"}) == ToolDone("pass\n")
    assert ask.execute("delete_file", {"path": "nowhere"}) == ToolFailed("`nowhere` does not exist.")
    assert isinstance(ask.execute("fly", {}), ToolFailed)
    assert person.asked == []


def test_changes_are_allowed_or_refused_beforehand(hands: Workspace) -> None:
    """`--yes` asks nobody; without anybody to ask, the model is told so."""
    refused = AskFirst(hands, AllowNothing()).execute("create_directory", {"path": "new"})
    allowed = AskFirst(hands, AllowAll()).execute("create_directory", {"path": "new"})

    assert isinstance(refused, ToolFailed)
    assert refused.error.startswith("refused: Nobody is there to be asked")
    assert allowed == ToolDone({"path": "new", "is_new": True})


def test_what_is_allowed_for_the_run_is_not_asked_again() -> None:
    """The like of it passes, anything else is asked about, and what has no like is asked about each time."""
    person = Person(Decision("approve", is_lasting=True))
    allowances = Allowances()
    proposal = Proposal("Do it.")
    first, like, other = (Question(proposal, {}, likeness=(name,)) for name in ("a", "a", "b"))
    alone = Question(proposal, {})

    decisions = [allowances.over(person).decide(one) for one in (first, like, other, alone, alone)]

    assert person.asked == [first, other, alone, alone]
    assert [one.verdict for one in decisions if one] == ["approve"] * 5
