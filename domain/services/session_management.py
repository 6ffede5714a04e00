"""Changing a session: read, decide, commit, and again when somebody else was faster."""

from collections.abc import Callable
from typing import TypeVar

from domain.model.change import Call
from domain.model.draft import Draft
from domain.model.errors import LostRace, SessionBusy
from domain.model.session import Session
from domain.model.value import CallId, SessionKey, Trace
from domain.ports import Clock, Ids, SessionRepository

T = TypeVar("T")

DEADLINE_SECONDS = 6.0
FIRST_WAIT_SECONDS = 0.1
LATER_WAIT_SECONDS = 0.4
"""Waiting a random time up to these and reading again beats exponential growth 2–24 times (architecture §2)."""


class SessionManagementService:
    """Carries the changes that clients ask for; each is one commit, and a lost race is repeated until a deadline."""

    def __init__(self, sessions: SessionRepository, clock: Clock, ids: Ids) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    def create(self, draft: Draft) -> None:
        """Commit the draft of a new session; 1 request when uncontended.

        Raises:
            SessionAlreadyExists: the id is taken.
            SessionBusy: others were writing the same id for 6 s.
            StorageUnavailable: the store did not answer.
        """
        self._until_deadline(lambda: self._sessions.commit(draft.commit()))

    def change(self, key: SessionKey, trace: Trace, decide: Callable[[Draft], T]) -> T:
        """Return what `decide` returns for the draft that was committed; 2 requests when uncontended.

        Args:
            key: The session.
            trace: Goes into every fact.
            decide: Records the change on a draft of the session as it is; runs once per try.

        Raises:
            SessionNotFound: no such session of this owner.
            SessionBusy: others were faster for 6 s.
            StorageUnavailable: the store did not answer.
        """
        return self._until_deadline(lambda: self._try(self._sessions.get(key), trace, decide))

    def change_call(
        self, key: SessionKey, call_id: CallId, trace: Trace, decide: Callable[[Draft, Call | None], T]
    ) -> T:
        """As `change`, with the call `call_id` as it is now beside the draft; None when there is no such call."""

        def attempt() -> T:
            session, call = self._sessions.get_with_call(key, call_id)
            return self._try(session, trace, lambda draft: decide(draft, call))

        return self._until_deadline(attempt)

    def _try(self, session: Session, trace: Trace, decide: Callable[[Draft], T]) -> T:
        draft = Draft(session, self._clock.now(), trace)
        result = decide(draft)
        self._sessions.commit(draft.commit())
        return result

    def _until_deadline(self, attempt: Callable[[], T]) -> T:
        deadline = self._clock.monotonic() + DEADLINE_SECONDS
        up_to = FIRST_WAIT_SECONDS
        while True:
            try:
                return attempt()
            except LostRace:
                if self._clock.monotonic() >= deadline:
                    raise SessionBusy(retry_after_seconds=1) from None
            self._clock.sleep(self._ids.jitter(up_to))
            up_to = LATER_WAIT_SECONDS
