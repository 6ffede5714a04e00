"""What can go wrong between client and server, as classes by consequence.

| Class | Consequence |
|---|---|
| `ApiProblem` | the server refused; `code` says why, repeating has been tried where it helps |
| `ServerUnreachable` | no answer; a command may or may not have been carried out |
| `BrokenAnswer`, `GapFound` | the server breaks its contract: stop and say so |
| `ServerSilent` | nothing happened for longer than the caller wants to wait |
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One field of a request that the server would not take."""

    field: str
    message: str


class ApiProblem(Exception):  # noqa: N818  # the contract calls it a problem
    """The server's refusal, as it sent it.

    Attributes:
        status: HTTP status.
        code: Stable code of the contract; `HTTP_<status>` when the answer came from something in between that does
            not speak the contract.
        detail: A sentence for people.
        correlation_id: Finds the request in the server's logs; None when the answer had none.
        errors: One per refused field, in the server's order.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        correlation_id: str | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.correlation_id = correlation_id
        self.errors = errors
        fields = "".join(f"; {error.field}: {error.message}" for error in errors)
        trace = f" (correlation id {correlation_id})" if correlation_id else ""
        super().__init__(f"{status} {code}: {detail}{fields}{trace}")


class ServerUnreachable(Exception):  # noqa: N818  # names the state, not a defect
    """No answer came, after every repeat that is safe; whether a command was carried out is unknown."""


class BrokenAnswer(Exception):  # noqa: N818  # names what was received
    """An answer that the contract does not allow."""


class GapFound(Exception):  # noqa: N818  # names what was found
    """A session's events are not 1, 2, 3…: something the server promised to keep is missing.

    Attributes:
        expected: The number that had to come next.
        found: The number that came.
    """

    def __init__(self, expected: int, found: int) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"event {expected} is missing: after {expected - 1} came {found}")


class ServerSilent(Exception):  # noqa: N818  # names the state, not a defect
    """No event came for as long as the caller was ready to wait."""
