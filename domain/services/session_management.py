"""Changing a session: read, decide, commit, and again when somebody else was faster."""

from collections.abc import Callable
from typing import TypeVar

from domain.cqrs import Answer, Command
from domain.model.approval import Approval
from domain.model.change import Call, Loaded
from domain.model.draft import Draft
from domain.model.errors import (
    AlreadyDone,
    IdempotencyKeyReused,
    LostRace,
    Refusal,
    SessionBusy,
    StorageUnavailable,
    Throttled,
)
from domain.model.idempotency import Receipt
from domain.model.value import CallId, SessionKey
from domain.ports import Clock, Ids, SessionRepository
from domain.services.receipts import Receipts

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

DEADLINE_SECONDS = 6.0
FIRST_WAIT_SECONDS = 0.1
LATER_WAIT_SECONDS = 0.4
"""Waiting a random time up to these and reading again beats exponential growth 2–24 times (architecture §2)."""


class SessionManagementService:
    """Carries out what clients ask for: each change is one commit, repeated when a race is lost, done once per key.

    With an idempotency key the receipt is part of the commit: there is no moment at which a command was carried out
    and not remembered. A repeat is recognised before the session's state is judged.
    """

    def __init__(self, sessions: SessionRepository, clock: Clock, ids: Ids) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    def create(self, command: Command, draft: Draft, answer: A, receipts: Receipts[A]) -> A:
        """Commit the draft of a new session and return `answer`, or what a first try was told; 1 request.

        Raises:
            SessionAlreadyExists: the id is taken.
            IdempotencyKeyReused: the key came before with another request.
            SessionBusy: others were writing the same id for 6 s.
            StorageUnavailable: the store did not answer.
        """
        commit = draft.commit(receipt=command.receipt_of(receipts.note(answer), draft.at))

        def attempt() -> A:
            self._sessions.commit(commit)
            return answer

        return self._once(command, draft.session.key, receipts, attempt)

    def change(
        self,
        command: Command,
        key: SessionKey,
        decide: Callable[[Draft], A],
        receipts: Receipts[A],
    ) -> A:
        """Return what `decide` returns for the draft that was committed, or what a first try was told; 2 requests.

        One request more while the session's plan is open, since every step of a session may be one of its plan's. What
        is refused, or finds nothing to do while a plan is open, is read a second time, unless the head alone was read.

        Args:
            command: What is asked for; its trace goes into every fact.
            key: The session.
            decide: Records the change on a draft of the session as it is; runs once per try.
            receipts: How the answer is noted and recalled.

        Raises:
            SessionNotFound: no such session of this owner.
            IdempotencyKeyReused: the key came before with another request.
            SessionBusy: others were faster for 6 s.
            StorageUnavailable: the store did not answer.
        """
        return self.change_call(command, key, None, lambda draft, _: decide(draft), receipts)

    def change_call(
        self,
        command: Command,
        key: SessionKey,
        call_id: CallId | None,
        decide: Callable[[Draft, Call | None], A],
        receipts: Receipts[A],
    ) -> A:
        """As `change`, with the call `call_id` as it is now beside the draft; None when there is no such call."""
        return self._change(
            command,
            key,
            lambda: self._sessions.load(key, call_id=call_id, receipt_key=command.receipt_key),
            lambda draft, loaded: decide(draft, loaded.call),
            receipts,
        )

    def change_approval(
        self,
        command: Command,
        key: SessionKey,
        call_id: CallId,
        decide: Callable[[Draft, Approval | None], A],
        receipts: Receipts[A],
    ) -> A:
        """As `change`, with the approval of the call `call_id` beside the draft; None when it has none."""
        return self._change(
            command,
            key,
            lambda: self._sessions.load(key, call_id=call_id, receipt_key=command.receipt_key, with_approval=True),
            lambda draft, loaded: decide(draft, loaded.approval),
            receipts,
        )

    def _change(
        self,
        command: Command,
        key: SessionKey,
        load: Callable[[], Loaded],
        decide: Callable[[Draft, Loaded], A],
        receipts: Receipts[A],
    ) -> A:
        def attempt() -> A:
            loaded = load()
            if loaded.receipt:
                raise AlreadyDone(loaded.receipt)
            draft = Draft(loaded.session, self._clock.now(), command.trace, plan=loaded.plan)
            try:
                answer = decide(draft, loaded)
            except Refusal:
                look_again(loaded)
                raise
            commit = draft.commit(receipt=command.receipt_of(receipts.note(answer), draft.at))
            # A command that finds everything as it should be has nothing to write but that it was asked.
            if commit.events or commit.receipt:
                self._sessions.commit(commit)
            elif loaded.plan:
                look_again(loaded)
            return answer

        def look_again(loaded: Loaded) -> None:
            # Items beside the head are read at another instant than it. A commit's conditions find out; where
            # nothing is written, two looks that agree show how everything was at the instant between them.
            is_head_alone = loaded == Loaded(session=loaded.session) and command.receipt_key is None
            if not is_head_alone and load() != loaded:
                raise LostRace

        return self._once(command, key, receipts, attempt)

    def _once(self, command: Command, key: SessionKey, receipts: Receipts[A], attempt: Callable[[], A]) -> A:
        try:
            return self._until_deadline(attempt)
        except AlreadyDone as done:
            return self._recalled(done.receipt, command, key, receipts)

    def _recalled(self, receipt: Receipt, command: Command, key: SessionKey, receipts: Receipts[A]) -> A:
        if receipt.fingerprint != command.fingerprint:
            raise IdempotencyKeyReused
        return receipts.recall(key, receipt.noted).replayed()

    def _until_deadline(self, attempt: Callable[[], T]) -> T:
        deadline = self._clock.monotonic() + DEADLINE_SECONDS
        up_to = FIRST_WAIT_SECONDS
        while True:
            try:
                return attempt()
            except LostRace as lost:
                if self._clock.monotonic() >= deadline:
                    # A throttled store says nothing of the session; told as busy, an outage would look like load.
                    refusal = StorageUnavailable if isinstance(lost, Throttled) else SessionBusy
                    raise refusal(retry_after_seconds=1) from None
            self._clock.sleep(self._ids.jitter(up_to))
            up_to = LATER_WAIT_SECONDS
