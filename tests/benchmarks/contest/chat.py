"""The chat that everybody holds, and what it costs them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.capacity import Capacity, CapacityMeter

EXCHANGES = 250
MESSAGE_CHARACTERS = 400
"""Of each message; small enough that 500 of them fit one item of 400 KB with all that the peers add to each."""


class Conversation(Protocol):
    """A session as one process holds it, with clients of its own."""

    def exchange(self, question: str, answer: str) -> None:
        """Say `question`, have the model answer `answer`, and return once both are acknowledged.

        Raises:
            Exception: any; what was said is not acknowledged then.
        """
        ...

    def read(self) -> Sequence[str]:
        """Return the text of every message that a client can read now."""
        ...


class Contestant(Protocol):
    """One way to keep a chat in DynamoDB."""

    @property
    def name(self) -> str:
        """What a table calls it."""
        ...

    @property
    def how(self) -> str:
        """How it is used and set, in a sentence."""
        ...

    @property
    def packages(self) -> tuple[str, ...]:
        """The distributions it consists of, the one it is known by first."""
        ...

    @property
    def is_raced(self) -> bool:
        """Whether it keeps all it is told, so that what is missing was lost."""
        ...

    def create_table(self, client: Any) -> None:
        """Create its table as its documentation says."""
        ...

    def open(self, session: str) -> Conversation:
        """Open `session` as a process of its own does."""
        ...


@dataclass(frozen=True)
class ChatCost:
    """What a chat cost.

    Attributes:
        total: All of it.
        last: Its last exchange: messages 499 and 500.
        readable: Different messages that can be read afterwards.
    """

    total: Capacity
    last: Capacity
    readable: int


LETTERS = "etaoinshrdlucmfwypvbgk"
VOCABULARY = 4000


def _words() -> tuple[str, ...]:
    chance = random.Random("words")  # noqa: S311  # hides nothing
    return tuple("".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(VOCABULARY))


WORDS = _words()
WEIGHTS = tuple(rank**-0.8 for rank in range(1, VOCABULARY + 1))
"""Words used as unevenly as those of a language: the whole chat compresses by 2.5, as English prose does."""


def text(beginning: str) -> str:
    """Return a message of the stated size, always the same one for the same beginning.

    >>> len(text("question 1")), text("question 1").startswith("question 1: ")
    (400, True)
    """
    chance = random.Random(beginning)  # noqa: S311  # as above
    words = " ".join(chance.choices(WORDS, WEIGHTS, k=MESSAGE_CHARACTERS // 3))
    return f"{beginning}: {words}"[:MESSAGE_CHARACTERS]


def hold_chat(contestant: Contestant, meter: CapacityMeter, *, session: str, exchanges: int = EXCHANGES) -> ChatCost:
    """Hold the chat on a new session, one exchange after the other."""
    conversation = contestant.open(session)
    before = last = meter.used
    for number in range(exchanges):
        last = meter.used
        conversation.exchange(text(f"question {number}"), text(f"answer {number}"))
    after = meter.used
    return ChatCost(total=after - before, last=after - last, readable=len(set(conversation.read())))
