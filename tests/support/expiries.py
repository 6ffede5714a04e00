"""The queue that lets approvals expire: at least once, out of order, hidden until it is told to come back."""

from dataclasses import dataclass

from domain.commands.expire_approval import ExpireApprovalCommand
from domain.commands.run_turn import Delivery
from domain.model.events.approval import ApprovalRequested
from domain.model.log import Event
from tests.support.fakes import FakeClock
from tests.support.system import System

VISIBILITY_SECONDS = 30.0


@dataclass
class ExpiryMessage:
    """A message about an approval.

    Attributes:
        visible_at: When it can be delivered again.
        receipt: Of its newest delivery.
    """

    event: Event
    fact: ApprovalRequested
    visible_at: float
    receipt: str = ""
    is_deleted: bool = False


class Expiries:
    """Delivers to the real handler, and is the port through which that hides its message.

    Attributes:
        messages: All there were.
    """

    def __init__(self, system: System, clock: FakeClock) -> None:
        self.messages: list[ExpiryMessage] = []
        self._system = system
        self._clock = clock
        self._deliveries = 0

    @property
    def waiting(self) -> list[ExpiryMessage]:
        """Messages that have not done their duty."""
        return [message for message in self.messages if not message.is_deleted]

    @property
    def due(self) -> list[ExpiryMessage]:
        """Messages that the queue would deliver now."""
        return [message for message in self.waiting if message.visible_at <= self._clock.seconds]

    def publish(self, event: Event, fact: ApprovalRequested) -> None:
        """Put an approval that is asked for into the queue, once more if it was there before."""
        self.messages.append(ExpiryMessage(event, fact, self._clock.seconds))

    def copy(self, message: ExpiryMessage) -> None:
        """Deliver more than once: the message, though it may have done its duty, has a copy that is visible now."""
        self.publish(message.event, message.fact)

    def extend(self, receipt: str, seconds: int) -> None:
        """Hide the message that was delivered under `receipt`; the expiry queue's port."""
        for message in self.messages:
            if message.receipt == receipt:
                message.visible_at = self._clock.seconds + seconds

    def deliver(self, message: ExpiryMessage) -> Delivery:
        """Deliver a message to the handler."""
        self._deliveries += 1
        message.visible_at = self._clock.seconds + VISIBILITY_SECONDS
        message.receipt = f"expiry-{self._deliveries}"
        event = message.event
        command = ExpireApprovalCommand(
            user=event.key.user,
            session_id=event.key.session_id,
            trace=event.effect_trace,
            call_id=message.fact.call_id,
            receipt=message.receipt,
        )
        delivery: Delivery = self._system.registry.execute_command(command)
        message.is_deleted |= delivery is Delivery.DONE
        return delivery
