"""Contestants whose figures are known beforehand, for the tests of the contest itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import boto3

from tests.benchmarks.contest.tables import create_table

TABLE = "toys"


class Habit(StrEnum):
    """What a toy does with a question."""

    KEEPS = "keeps"
    FORGETS = "forgets"
    DOUBLES = "doubles"
    REFUSES = "refuses"


class ToyRefusal(Exception):  # noqa: N818  # what a toy says no with
    """A question was not taken."""


@dataclass
class _InFile:
    """Lines of a file: appended to atomically, so that processes may share it."""

    path: Path
    habit: Habit

    def exchange(self, question: str, answer: str) -> None:
        if self.habit is Habit.REFUSES:
            raise ToyRefusal(question)
        said = {Habit.KEEPS: [question, answer], Habit.FORGETS: [], Habit.DOUBLES: [question, answer, question]}
        with self.path.open("a") as lines:
            lines.write("".join(f"{line}\n" for line in said[self.habit]))

    def read(self) -> Sequence[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


@dataclass(frozen=True)
class InFile:
    """Keeps a session in a file of `folder`, where any process finds it."""

    folder: Path
    habit: Habit = Habit.KEEPS
    name: str = "file"
    how: str = "open, write"
    packages: tuple[str, ...] = ()
    is_raced: bool = True

    def create_table(self, client: Any) -> None:
        """Have none."""

    def open(self, session: str) -> _InFile:
        """Open the session's file."""
        return _InFile(self.folder / session, self.habit)


@dataclass
class _InItems:
    session: str
    table: Any = field(default_factory=lambda: boto3.Session().resource("dynamodb").Table(TABLE))
    said: int = 0

    def exchange(self, question: str, answer: str) -> None:
        for text in (question, answer):
            self.said += 1
            self.table.put_item(Item={"PK": self.session, "SK": f"{self.said:04}", "text": text})

    def read(self) -> Sequence[str]:
        found = self.table.query(
            KeyConditionExpression="PK = :session", ExpressionAttributeValues={":session": self.session}
        )
        return [item["text"] for item in found["Items"]]


@dataclass(frozen=True)
class InItems:
    """Keeps every message in an item of its own: one request and one unit each."""

    name: str = "items"
    how: str = "put_item"
    packages: tuple[str, ...] = ("boto3",)
    is_raced: bool = False

    def create_table(self, client: Any) -> None:
        """Create PK and SK."""
        create_table(client, TABLE, "PK", "SK")

    def open(self, session: str) -> _InItems:
        """Make a boto3 resource."""
        return _InItems(session)


@dataclass(frozen=True)
class Broken(InItems):
    """Cannot be opened."""

    name: str = "broken"

    def open(self, session: str) -> _InItems:
        """Fail."""
        raise ToyRefusal(session)


CONTESTANTS = (InItems(), Broken())
