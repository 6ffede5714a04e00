"""Which commits are told again: of a session, of a time, or those that are parked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from domain.model.value import SessionKey
from infra.operations.commit_log import Commit, CommitLog
from infra.operations.endings import Refused
from infra.operations.letters import Span


@dataclass(frozen=True)
class Wanted:
    """What the options of `republish` say.

    Attributes:
        session: Together with `user`.
        since: Together with `until`, which is now when left out.
        is_parked: Every commit among the dead letters.
    """

    session: str | None = None
    user: str | None = None
    since: str | None = None
    until: str | None = None
    is_parked: bool = False

    def checked(self) -> "Wanted":
        """Return it, if it says one thing and says it whole.

        Raises:
            Refused: it does not.
        """
        ways = (self.session is not None, self.since is not None, self.is_parked)
        if sum(ways) != 1:
            raise Refused("Say which commits: --session ID --user HASH, or --since TIME, or --parked.")
        if (self.session is None) != (self.user is None):
            raise Refused("--session and --user go together; log lines and dead letters name both.")
        if self.until is not None and self.since is None:
            raise Refused("--until goes with --since.")
        return self

    def commits(self, log: CommitLog, now: datetime) -> Iterator[Commit]:
        """Yield the commits of a session, or of a time.

        Raises:
            Refused: there is no such session or time.
        """
        if self.session is None:
            return log.of_span(Span(_time(self.since or ""), _time(self.until) if self.until else now))
        return log.of_session(_key(self.user or "", self.session))


def _key(user: str, session: str) -> SessionKey:
    try:
        return SessionKey.model_validate({"user": user, "session_id": session})
    except ValidationError:
        raise Refused("That is no session, or no user's hash; log lines and dead letters name both.") from None


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no time: write it as 2026-01-31T12:00:00Z.") from None
    if at.tzinfo is None:
        raise Refused(f"{text!r} names no time zone: end it with Z for UTC.")
    return at.astimezone(UTC)
