"""Dead letters looked at: how many of each kind, and what each is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.model.errors import SessionNotFound
from domain.model.log import CommitKey
from domain.model.value import SessionKey, UserId
from domain.ports import SessionRepository
from functions.runtime.container import DIContainer
from infra.dead_ends import DeadEnd
from infra.operations.commit_log import CommitLog
from infra.operations.letters import Letter
from infra.operations.mailbox import Mailbox
from infra.operations.target import Target
from infra.operations.telling import letter_row

BRIEF = ("kind", "id", "what", "session", "turn", "seq", "code", "first_seen", "receives")
"""What a table has room for."""


@dataclass(frozen=True)
class Listed:
    """Dead letters of some kinds.

    Attributes:
        kinds: A row for each kind.
        letters: A row for each letter looked at, kind by kind.
    """

    kinds: Sequence[dict[str, Any]]
    letters: Sequence[dict[str, Any]]


def list_letters(target: Target, ends: Sequence[DeadEnd], limit: int) -> Listed:
    """Return what waits, at most `limit` letters of each kind, and put everything back."""
    kinds: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for end in ends:
        with Mailbox(target, end) as mailbox:
            letters = list(islice(mailbox.letters(), limit))
            waiting = max(mailbox.count(), len(letters))
        oldest = min((letter.first_seen for letter in letters), default=None)
        kinds.append({"kind": end.kind, "waiting": waiting, "oldest": oldest, "meaning": end.meaning})
        rows += map(letter_row, letters)
    return Listed(kinds, rows)


def brief(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with what a table has room for."""
    return [{name: row[name] for name in BRIEF} for row in rows]


def show_letters(target: Target, container: DIContainer, end: DeadEnd, id_: str | None, limit: int) -> list[Any]:
    """Return all that is told of the letters of a kind, or of one of them, and put them back."""
    with Mailbox(target, end) as mailbox:
        wanted = (letter for letter in mailbox.letters() if id_ in {None, letter.id})
        return [_in_full(container, letter) for letter in islice(wanted, 1 if id_ else limit)]


def _in_full(container: DIContainer, letter: Letter) -> dict[str, Any]:
    row = letter_row(letter) | {"meaning": letter.end.meaning, "bytes": len(letter.body.encode())}
    if letter.about.user is not None and letter.about.session_id is not None:
        key = SessionKey(user=UserId(letter.about.user), session_id=letter.about.session_id)
        row |= {"session_now": _state(container, key)}
    if isinstance(letter.about.commits, CommitKey):
        row |= {"facts": list(_facts(container, letter.about.commits))}
    return row


def _state(container: DIContainer, key: SessionKey) -> str:
    sessions: SessionRepository = container.get(SessionRepository)  # type: ignore[type-abstract]  # ports are asked for
    try:
        turn = sessions.get(key).turn
    except SessionNotFound:
        return "no such session"
    return f"turn {turn.number} {turn.status.value}"


def _facts(container: DIContainer, key: CommitKey) -> Iterator[str]:
    for commit in container.get(CommitLog).of_key(key):
        if isinstance(commit, CommitKey):
            yield "of another version"
        else:
            yield from (f"{event.seq} {event.fact.type_name()}" for event in commit)
