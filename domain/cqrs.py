"""Commands change state, queries read it; each has one handler."""

from datetime import datetime
from hashlib import sha256
from typing import Generic, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from domain.model.idempotency import KEPT, IdempotencyKey, Receipt, ReceiptKey
from domain.model.value import JsonObject, SessionId, SessionKey, Trace, UserId


class Request(BaseModel):
    """What a command and a query share: frozen, validated fields.

    Attributes:
        trace: What the request belongs to; set by the edge.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    trace: Trace


class Command(Request):
    """A wish to change state.

    Attributes:
        idempotency_key: Set by the edge from its header; a repeat with the same key gets the same answer.
    """

    idempotency_key: IdempotencyKey | None = None

    @property
    def receipt_key(self) -> ReceiptKey | None:
        """Names the receipt of this command; None when its client does not ask for one."""
        if self.idempotency_key is None:
            return None
        return ReceiptKey(route=type(self).__name__.removesuffix("Command"), key=self.idempotency_key)

    @property
    def fingerprint(self) -> str:
        """Hash of everything the client asked for: 64 hexadecimal digits."""
        asked = self.model_dump_json(exclude={"trace", "idempotency_key"})
        return sha256(asked.encode()).hexdigest()

    def receipt_of(self, noted: JsonObject, at: datetime) -> Receipt | None:
        """Return what to remember of this command, carried out at `at` (UTC); None when its client does not ask."""
        name = self.receipt_key
        if name is None:
            return None
        expires_at = at.replace(microsecond=0) + KEPT
        return Receipt(name=name, fingerprint=self.fingerprint, noted=noted, expires_at=expires_at)


class Query(Request):
    """A wish to read."""


class Answer(BaseModel):
    """What a caller is told; the base of every DTO."""

    _is_replayed: bool = PrivateAttr(default=False)

    @property
    def is_replayed(self) -> bool:
        """Whether this was told before: the command was a repeat and changed nothing."""
        return self._is_replayed

    def replayed(self) -> Self:
        """Return this answer, marked as told before."""
        again = self.model_copy()
        again._is_replayed = True  # noqa: SLF001  # a copy of its own
        return again


class OfUser(BaseModel):
    """A request of a known user.

    Attributes:
        user: Who asks; set by the edge from the token, never by the body.
    """

    user: UserId


class OfSession(OfUser):
    """A request about one session.

    Attributes:
        session_id: Of a session of the user's own.
    """

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
