"""What every fact has in common."""

from enum import StrEnum
from typing import ClassVar

from domain.model.value import Value


class Category(StrEnum):
    """What a fact is about; subscriptions may ask for a whole category."""

    SESSION = "session"
    MESSAGE = "message"
    AGENT = "agent"
    TOOL = "tool"
    APPROVAL = "approval"
    PLAN = "plan"
    LLM = "llm"
    TURN = "turn"
    SYSTEM = "system"


class Fact(Value):
    """Something that happened to a session.

    Attributes:
        category: What it is about.
        priority: 0 to 100; rules may match on it, and a subscriber's handlers see it. 50 unless stated.
    """

    category: ClassVar[Category]
    priority: ClassVar[int] = 50

    @classmethod
    def type_name(cls) -> str:
        """Return the `detail-type`.

        >>> Fact.type_name()
        'Fact'
        """
        return cls.__name__
