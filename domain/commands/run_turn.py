"""Work off the turns that a session owes."""

import math
from enum import StrEnum

from domain.cqrs import Command, OfSession
from domain.model.errors import LostFence, SessionNotFound
from domain.model.lock import COVER_SECONDS, OVERDUE_SECONDS, HeldByOther, Holder, NothingOwed
from domain.ports import Clock, TurnQueue
from domain.services.orchestration import MessageOrchestrationService


class RunTurnCommand(OfSession, Command):
    """Work off what is owed.

    Attributes:
        holder: Unique per invocation.
        cover: Id of the queue message that asked for it.
        receipt: Names this delivery of that message.
        seconds: Time this worker has.
    """

    holder: str
    cover: str
    receipt: str
    seconds: float


class Delivery(StrEnum):
    """What becomes of the queue message."""

    DONE = "done"
    COMES_BACK = "comes_back"


class RunTurnHandler:
    """Runs a session's owed turns, and keeps its queue message coming back for as long as that may be needed."""

    def __init__(self, orchestration: MessageOrchestrationService, queue: TurnQueue, clock: Clock) -> None:
        self._orchestration = orchestration
        self._queue = queue
        self._clock = clock

    def handle(self, command: RunTurnCommand) -> Delivery:
        """Return whether the message has done its duty.

        Every rule here closes a way in which a turn was lost in a prototype (docs/adr/0003).

        Raises:
            StorageUnavailable: the store did not answer; the message must come back.
        """
        try:
            self._work_soon(command)
        except (NothingOwed, SessionNotFound):
            return Delivery.DONE
        except HeldByOther as held:
            if held.cover not in {command.cover, ""}:
                # Another message brings the turn back if the holder dies, and the holder sees what came meanwhile.
                return Delivery.DONE
            # This very message covers the holder, or none does: it must outlive the lease.
            self._queue.extend(command.receipt, math.ceil(held.seconds_left))
            return Delivery.COMES_BACK
        except LostFence:
            # The successor may be covered by this same message: deleting it would leave nobody behind the successor.
            return Delivery.COMES_BACK
        return Delivery.DONE

    def _work_soon(self, command: RunTurnCommand) -> None:
        """Work now, or, when the holder is overdue, at the end of its lease: coming back would take longer."""
        try:
            self._work(command, command.seconds)
        except HeldByOther as held:
            if held.cover != command.cover or held.seconds_left > OVERDUE_SECONDS:
                raise
            self._clock.sleep(held.seconds_left)
            self._work(command, command.seconds - held.seconds_left)

    def _work(self, command: RunTurnCommand, seconds: float) -> None:
        # First of all: should this worker die at any later point, the message is back within seconds.
        covered_until = self._clock.monotonic() + COVER_SECONDS
        self._queue.extend(command.receipt, COVER_SECONDS)
        holder = Holder(name=command.holder, cover=command.cover, receipt=command.receipt)
        self._orchestration.run(command.key, holder, command.trace, seconds=seconds, covered_until=covered_until)
