"""Facts about the service itself."""

from domain.model.events.base import Category, Fact


class LockLost(Fact):
    """A worker vanished or fell asleep; said by its successor, since it cannot write itself.

    Attributes:
        fence: The number the lost holder wrote under.
    """

    category = Category.SYSTEM
    priority = 90
    fence: int
