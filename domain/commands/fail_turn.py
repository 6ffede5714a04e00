"""End a turn that no worker could finish."""

from domain.commands.run_turn import Delivery
from domain.cqrs import Command, OfSession
from domain.model.draft import Draft
from domain.model.errors import LostFence, LostRace, SessionNotFound
from domain.model.events.turn import TurnReason, TurnRequested
from domain.model.lock import HeldByOther, Holder, NothingOwed
from domain.model.session import TurnErrorCode
from domain.ports import Clock, SessionLockManager, SessionRepository
from domain.services import turns
from domain.services.open_plan import open_plan


class FailTurnCommand(OfSession, Command):
    """End a turn whose queue message was given up.

    Attributes:
        turn: The turn the message asked for.
        holder: Unique per invocation.
    """

    turn: int
    holder: str


class FailTurnHandler:
    """The net under the queue: fails the turn of a dead message, or asks anew for the one that is owed by now.

    Raises `TurnFailed` or `TurnRequested`, and `LockLost` with `TurnRecovered` when a worker vanished.
    """

    def __init__(self, locks: SessionLockManager, sessions: SessionRepository, clock: Clock) -> None:
        self._locks = locks
        self._sessions = sessions
        self._clock = clock

    def handle(self, command: FailTurnCommand) -> Delivery:
        """Return whether the message has done its duty; it comes back while somebody holds the session.

        Raises:
            StorageUnavailable: the store did not answer; the message must come back.
        """
        try:
            lease = self._locks.acquire(command.key, Holder(name=command.holder, cover="", receipt=""))
        except (NothingOwed, SessionNotFound):
            return Delivery.DONE
        except HeldByOther:
            return Delivery.COMES_BACK
        plan = open_plan(self._sessions, lease.session)
        draft = Draft(lease.session, self._clock.now(), command.trace, plan=plan)
        draft.change(attempts=0)
        turns.tell_recovery(draft, lease.lost_fence, lease.session.attempts)
        if lease.session.turn.number == command.turn:
            turns.fail(draft, TurnErrorCode.TURN_FAILED)
        if draft.session.is_turn_owed:
            draft.record(TurnRequested(turn=draft.session.turn.number, reason=TurnReason.HAND_OVER))
            draft.hand_over()
        try:
            self._sessions.commit(draft.commit(fence=lease.fence))
        except (LostRace, LostFence):
            self._locks.release(lease)
            return Delivery.COMES_BACK
        return Delivery.DONE
