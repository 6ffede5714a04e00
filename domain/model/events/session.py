"""Facts about a session as a whole."""

from domain.model.events.base import Category, Fact


class SessionCreated(Fact):
    """A session began."""

    category = Category.SESSION
    has_title: bool


class SessionUpdated(Fact):
    """Settings of a session changed.

    Attributes:
        fields: Names of those that did.
    """

    category = Category.SESSION
    fields: tuple[str, ...]


class SessionDeactivated(Fact):
    """A session takes no commands any more, until it is activated again."""

    category = Category.SESSION


class SessionReactivated(Fact):
    """A session takes commands again."""

    category = Category.SESSION
