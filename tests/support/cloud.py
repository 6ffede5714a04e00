"""The service with its queue, as SQS and a crashing Lambda would have it: at least once, out of order, with zombies."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.commands.fail_turn import FailTurnCommand
from domain.commands.run_turn import Delivery, RunTurnCommand
from domain.model.change import Commit
from domain.model.errors import LostFence, LostRace, StorageUnavailable
from domain.model.events.approval import ApprovalRequested
from domain.model.events.turn import TurnRequested
from domain.model.lock import COVER_SECONDS, RENEWAL_SECONDS
from domain.model.log import Event
from domain.ports import ExpiryQueue, TurnQueue
from tests.support.builders import fake_clock, memory_store
from tests.support.expiries import Expiries
from tests.support.fakes import WorkerKilled
from tests.support.stepped import Hidden, Stepped, SteppedModel, stop_at
from tests.support.system import memory_system

QUEUE_VISIBILITY_SECONDS = 120.0
APPROVAL_SECONDS = 30
ANSWER_LOST = "the store wrote, and its answer was lost"


@dataclass
class QueueMessage:
    """A turn message in the queue.

    Attributes:
        visible_at: When it can be delivered again.
        receipt: Of its newest delivery; older ones have no power over it.
    """

    id: str
    event: Event
    visible_at: float
    receipt: str = ""
    is_deleted: bool = False


@dataclass
class Worker:
    """An invocation of run_turn.

    Attributes:
        is_asleep: Paused by its machine: it neither renews its lease nor hides its message.
    """

    name: str
    receipt: str
    message: QueueMessage
    run: Stepped
    is_asleep: bool = False

    @property
    def was_killed(self) -> bool:
        """Whether it came to no end of its own."""
        return isinstance(self.run.error, WorkerKilled)


class Cloud:
    """Relays requested turns and approvals into queues, delivers turns to workers, and lets time pass for all of them.

    Attributes:
        expiries: The queue of approvals.
    """

    def __init__(self) -> None:
        self.system = memory_system(model=SteppedModel(), approval_seconds=str(APPROVAL_SECONDS))
        self.system.container.register(TurnQueue, lambda: self)
        self.store = memory_store(self.system)
        self.store.before_commit = self._before_commit
        self.clock = fake_clock(self.system)
        self.expiries = Expiries(self.system, self.clock)
        self.system.container.register(ExpiryQueue, lambda: self.expiries)
        self.messages: list[QueueMessage] = []
        self.workers: list[Worker] = []
        self._relayed = 0
        self._deliveries = 0

    @property
    def waiting(self) -> list[QueueMessage]:
        """Messages that have not done their duty."""
        return [message for message in self.messages if not message.is_deleted]

    @property
    def due(self) -> list[QueueMessage]:
        """Messages that the queue would deliver now."""
        return [message for message in self.waiting if message.visible_at <= self.clock.seconds]

    @property
    def running(self) -> list[Worker]:
        """Workers that have not come to their end, asleep or not."""
        return [worker for worker in self.workers if not worker.run.is_over]

    def relay(self) -> None:
        """Do what stream, bus and rules do: every requested turn or approval becomes a queue message."""
        commits = self.store.commits[self._relayed :]
        self._relayed += len(commits)
        for commit in commits:
            for event in commit.events:
                if isinstance(event.fact, TurnRequested):
                    self.publish(event)
                elif isinstance(event.fact, ApprovalRequested):
                    self.expiries.publish(event, event.fact)

    def publish(self, event: Event) -> None:
        """Put a requested turn into the queue, once more if it was there before."""
        self.messages.append(QueueMessage(f"m{len(self.messages)}", event, self.clock.seconds))

    def copy(self, message: QueueMessage) -> None:
        """Deliver more than once, as SQS may when a server misses a deletion: the message has a copy, visible now."""
        self.messages.append(QueueMessage(message.id, message.event, self.clock.seconds))

    def extend(self, receipt: str, seconds: int) -> None:
        """Hide the message that was delivered under `receipt`; the turn queue's port."""
        for message in self.messages:
            if message.receipt == receipt:
                message.visible_at = self.clock.seconds + seconds
        stop_at(Hidden())

    def deliver(self, message: QueueMessage, *, seconds: float = 120.0) -> Worker:
        """Deliver a message to a new worker, and return when that stops or is over."""
        self._deliveries += 1
        name, receipt = f"worker-{self._deliveries}", f"receipt-{self._deliveries}"
        message.visible_at, message.receipt = self.clock.seconds + QUEUE_VISIBILITY_SECONDS, receipt
        event = message.event
        command = RunTurnCommand(
            user=event.key.user,
            session_id=event.key.session_id,
            trace=event.effect_trace,
            holder=name,
            cover=message.id,
            receipt=receipt,
            seconds=seconds,
        )
        run = Stepped(lambda: self.system.registry.execute_command(command))
        worker = Worker(name, receipt, message, run)
        self.workers.append(worker)
        self._settle(worker)
        return worker

    def resume(self, worker: Worker, reply: object = None) -> None:
        """Let a worker go on with what its model or the store answers."""
        worker.run.resume(reply)
        self._settle(worker)

    def kill(self, worker: Worker) -> None:
        """End a worker's process: its lock stays taken, its message comes back when it is visible again."""
        self.resume(worker, WorkerKilled())

    def give_up(self, message: QueueMessage) -> Delivery:
        """Deliver a message out of the dead-letter queue."""
        self._deliveries += 1
        event = message.event
        command = FailTurnCommand(
            user=event.key.user,
            session_id=event.key.session_id,
            trace=event.effect_trace,
            turn=event.turn,
            holder=f"dead-letters-{self._deliveries}",
        )
        delivery: Delivery = self.system.registry.execute_command(command)
        message.is_deleted |= delivery is Delivery.DONE
        self.relay()
        return delivery

    def pass_time(self, seconds: float) -> None:
        """Let time pass; workers that are awake renew their leases and hide their messages, in this order."""
        for step in _steps(seconds):
            self.clock.advance(step)
            for worker in self.running:
                lease = self.store.holding.get(worker.name)
                if lease is None or worker.is_asleep:
                    continue
                try:
                    self.store.renew(lease)
                except LostFence:
                    worker.is_asleep = True
                else:
                    self.extend(worker.receipt, COVER_SECONDS)

    def _settle(self, worker: Worker) -> None:
        self.relay()
        if not worker.run.is_over:
            return
        if worker.run.error and not isinstance(worker.run.error, (WorkerKilled, StorageUnavailable, LostRace)):
            raise worker.run.error
        worker.message.is_deleted |= worker.run.result is Delivery.DONE

    def _before_commit(self, commit: Commit) -> None:
        if stop_at(commit) == ANSWER_LOST:
            self.store.before_commit = lambda _: None
            try:
                self.store.commit(commit)
            finally:
                self.store.before_commit = self._before_commit
            raise StorageUnavailable


def _steps(seconds: float) -> Iterator[float]:
    while seconds > RENEWAL_SECONDS:
        yield RENEWAL_SECONDS
        seconds -= RENEWAL_SECONDS
    yield seconds
