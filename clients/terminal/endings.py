"""How a command can end: exit codes, and every error as one sentence."""

from enum import IntEnum

from clients.problems import ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable


class Ending(IntEnum):
    """Exit codes."""

    ANSWERED = 0
    TURN_FAILED = 1
    REFUSED = 2
    NOT_CONNECTED = 3
    SERVER_BROKEN = 4
    INTERRUPTED = 130


class Unusable(Exception):  # noqa: N818  # says what was given
    """What the person gave cannot be used; the text says why and what to do."""


class NotSignedIn(Exception):  # noqa: N818  # names the state, not a defect
    """There is no server, or no token that it would take; the text says what to do."""


FAILURES = (ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable, NotSignedIn, Unusable)
"""What can go wrong without anybody's mistake in this program."""


def explain(error: Exception) -> tuple[Ending, str]:
    """Return how one of `FAILURES` ends the command, and a sentence about it.

    >>> explain(Unusable("No such folder."))
    (<Ending.REFUSED: 2>, 'No such folder.')
    """
    if isinstance(error, Unusable):
        return Ending.REFUSED, str(error)
    if isinstance(error, NotSignedIn):
        return Ending.NOT_CONNECTED, str(error)
    if isinstance(error, ServerUnreachable):
        cause = error.__cause__ or error
        return Ending.NOT_CONNECTED, f"The server does not answer: {cause}. `agent-runtime status` shows where it is."
    if isinstance(error, ServerSilent):
        return Ending.NOT_CONNECTED, f"The server answers, but nothing happens: {error}."
    if isinstance(error, ApiProblem):
        return _explain_problem(error)
    return Ending.SERVER_BROKEN, f"The server breaks its contract: {error}."


def _explain_problem(problem: ApiProblem) -> tuple[Ending, str]:
    trace = f", correlation id {problem.correlation_id}" if problem.correlation_id else ""
    told = "".join(f"; {error.field}: {error.message}" for error in problem.errors)
    detail = f"{problem.detail.rstrip('.')}{told} ({problem.code}{trace})."
    if problem.status in {401, 403}:
        return (
            Ending.NOT_CONNECTED,
            f"The server does not take your token: sign in again with `agent-runtime login`. {detail}",
        )
    if problem.status >= 500:
        return Ending.SERVER_BROKEN, f"The server failed: {detail}"
    return Ending.REFUSED, f"The server refuses: {detail}"
