"""Commands change state, queries read it; each has one handler."""

from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from domain.model.value import SessionId, SessionKey, Trace, UserId


class Request(BaseModel):
    """What a command and a query share: frozen, validated fields.

    Attributes:
        trace: What the request belongs to; set by the edge.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    trace: Trace


class Command(Request):
    """A wish to change state."""


class Query(Request):
    """A wish to read."""


class OfUser(BaseModel):
    """A request of a known user.

    Attributes:
        user: Who asks; set by the edge from the token, never by the body.
    """

    user: UserId


class OfSession(OfUser):
    """A request about one session."""

    session_id: SessionId

    @property
    def key(self) -> SessionKey:
        """Owner and session."""
        return SessionKey(user=self.user, session_id=self.session_id)


C_contra = TypeVar("C_contra", bound=Command, contravariant=True)
Q_contra = TypeVar("Q_contra", bound=Query, contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class CommandHandler(Protocol, Generic[C_contra, R_co]):
    """Carries a command out; gets its ports through the constructor."""

    def handle(self, command: C_contra) -> R_co:
        """Carry `command` out and return what its caller is told."""
        ...


class QueryHandler(Protocol, Generic[Q_contra, R_co]):
    """Answers a query; gets its ports through the constructor."""

    def handle(self, query: Q_contra) -> R_co:
        """Return the answer to `query`."""
        ...
