"""The fact about a message."""

from hashlib import sha256
from typing import Self

from domain.model.agent import AgentType
from domain.model.events.base import Category, Fact
from domain.model.message import Message, Role


class MessageAdded(Fact):
    """A message was stored; its number is this fact's.

    Attributes:
        size: UTF-8 bytes of the content.
        sha256: Of the content's UTF-8 bytes, hexadecimal.
        calls: Tool calls inside it.
    """

    category = Category.MESSAGE
    role: Role
    agent: AgentType | None = None
    size: int
    sha256: str
    calls: int = 0

    @classmethod
    def of(cls, message: Message) -> Self:
        """Return the fact of `message`, whose content must be whole."""
        encoded = message.content.encode()
        return cls(
            role=message.role,
            agent=message.agent,
            size=len(encoded),
            sha256=message.stored_sha256 or sha256(encoded).hexdigest(),
            calls=len(message.tool_calls),
        )
