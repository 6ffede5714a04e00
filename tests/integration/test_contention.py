"""Others writing the same item at the same moment: repeated, told apart from a lost lease, and never a double write.

AWS refuses a write while a transaction holds its item, and throttles; the emulator does neither, so both are injected.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

from domain.model.agent import AgentType
from domain.model.errors import LostFence, LostRace, SessionAlreadyExists, SessionBusy, StorageUnavailable
from domain.model.lock import LEASE_SECONDS, HeldByOther, Holder, Lease
from domain.model.value import SessionKey
from domain.ports import Clock, SessionLockManager
from functions.adapters.errors import CONTENTION, THROTTLING
from functions.adapters.heartbeat import Heartbeat
from tests.support.builders import calls, reads, scripted_model, text
from tests.support.fakes import FakeClock, FakeTurnQueue
from tests.support.patience import PATIENCE_SECONDS
from tests.support.system import System
from tests.support.wire import Wire, cancelled, error, fail_calls

HOLDER = Holder(name="worker", cover="message", receipt="receipt")
OTHER = Holder(name="other", cover="another", receipt="another")
CONFLICT = "TransactionConflictException"
REASONS = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
CONTENTION_SECONDS = 2.0


def refusal(code: str) -> ClientError:
    """What the SDK raises for an answer with this code."""
    return ClientError({"Error": {"Code": code, "Message": "scripted"}}, "Operation")


@pytest.fixture
def key(system: System) -> SessionKey:
    """A session that owes a turn to an agent that is known."""
    key = system.create(agent=AgentType.ASK)
    system.say(key, "hello")
    return key


@pytest.fixture
def locks(system: System) -> SessionLockManager:
    """The lock manager."""
    locks: SessionLockManager = system.get(SessionLockManager)
    return locks


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("place", [0, 1], ids=["log", "head"])
def test_message_is_stored_once_when_its_commit_meets_a_transaction(
    system: System, wire: Wire, key: SessionKey, reason: str, place: int
) -> None:
    """Refused three times for no fault of its own, it is read and written again, and the client never hears of it."""
    reasons = [reason if at == place else None for at in range(2)]
    wire.plan("TransactWriteItems", *[cancelled(*reasons)] * 3)
    written, read = wire.sent("TransactWriteItems"), wire.sent("GetItem")

    said = system.say(key, "in the way")

    assert [message.seq for message in system.messages(key) if message.content == "in the way"] == [said.seq]
    assert (wire.sent("TransactWriteItems") - written, wire.is_idle) == (4, True)
    assert wire.sent("GetItem") - read == 4


def test_message_is_stored_once_when_a_condition_fails_beside_a_conflict(
    system: System, wire: Wire, key: SessionKey
) -> None:
    """Both reasons at once are still nothing but a lost race."""
    wire.plan("TransactWriteItems", cancelled("TransactionConflict", "ConditionalCheckFailed"))

    system.say(key, "in the way")

    assert [message.content for message in system.messages(key)] == ["hello", "in the way"]


@pytest.mark.parametrize("code", sorted(CONTENTION | THROTTLING))
def test_message_is_stored_once_when_the_whole_commit_is_refused(system: System, key: SessionKey, code: str) -> None:
    """Every code that means contention is repeated, after the SDK has given up too."""
    fail_calls(system, "TransactWriteItems", refusal(code), times=2)

    system.say(key, "in the way")

    assert [message.content for message in system.messages(key)] == ["hello", "in the way"]


def test_message_is_refused_as_busy_when_the_conflicts_do_not_end(system: System, wire: Wire, key: SessionKey) -> None:
    """After six seconds the client is asked to come again; nothing was written."""
    clock: FakeClock = system.get(Clock)
    wire.plan("TransactWriteItems", *[cancelled(None, "TransactionConflict")] * 500)
    began, log = clock.monotonic(), system.events(key)

    with pytest.raises(SessionBusy) as busy:
        system.say(key, "in vain")

    assert busy.value.retry_after_seconds == 1
    assert clock.monotonic() - began == pytest.approx(6, abs=0.5)
    assert system.events(key) == log


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_message_is_refused_as_unavailable_when_the_throttling_does_not_end(
    system: System, wire: Wire, key: SessionKey, reason: str
) -> None:
    """A session that nobody else writes to is not busy: an outage must not look like load."""
    wire.plan("TransactWriteItems", *[cancelled(None, reason)] * 500)
    log = system.events(key)

    with pytest.raises(StorageUnavailable) as unavailable:
        system.say(key, "in vain")

    assert unavailable.value.retry_after_seconds == 1
    assert system.events(key) == log


def test_session_is_created_when_its_commit_meets_a_transaction(system: System, wire: Wire) -> None:
    """A conflict is no answer to the question whether the id is taken."""
    wire.plan("TransactWriteItems", cancelled("TransactionConflict", None))

    key = system.create("fresh")

    assert system.facts(key) == ["SessionCreated", "AgentAssigned"]


def test_session_is_refused_when_the_one_it_met_took_the_id(system: System, wire: Wire, key: SessionKey) -> None:
    """Two that create the same session at once: the second one learns that it exists."""
    wire.plan("TransactWriteItems", cancelled("TransactionConflict", None))

    with pytest.raises(SessionAlreadyExists):
        system.create(key.session_id)

    assert wire.is_idle


def test_result_is_stored_once_when_its_commit_meets_a_transaction(system: System, wire: Wire, key: SessionKey) -> None:
    """The call is closed by the client's one result, and the turn goes on once."""
    scripted_model(system).answers += [calls(*reads("a.py"))]
    system.work(key)
    (call_id,) = system.session(key).open_calls
    wire.plan("TransactWriteItems", cancelled(None, None, "TransactionConflict"))

    system.give(key, call_id, result="text")

    assert system.facts(key)[-3:] == ["ToolCallCompleted", "MessageAdded", "TurnRequested"]
    assert wire.is_idle


def test_turn_is_answered_once_when_its_commit_meets_transactions(system: System, wire: Wire, key: SessionKey) -> None:
    """The worker keeps its lease, reads, and writes again; the model is not asked twice."""
    scripted_model(system).answers += [text("the answer")]
    wire.plan("TransactWriteItems", *[cancelled(None, "TransactionConflict")] * 5)

    system.work(key)

    assert [message.content for message in system.messages(key)] == ["hello", "the answer"]
    assert len(scripted_model(system).requests) == 1
    assert not {"LockLost", "TurnRecovered", "TurnFailed"} & set(system.facts(key))


@pytest.mark.parametrize("code", sorted(CONTENTION | THROTTLING))
def test_lock_is_taken_once_when_acquisition_meets_contention(
    system: System, key: SessionKey, locks: SessionLockManager, code: str
) -> None:
    """The refused tries left no trace: the fence has grown by one."""
    fail_calls(system, "UpdateItem", refusal(code), times=3)

    lease = locks.acquire(key, HOLDER)

    assert (lease.fence, lease.session.attempts, lease.lost_fence) == (1, 1, None)


def test_lock_is_taken_when_acquisition_meets_a_transaction_on_the_wire(
    system: System, wire: Wire, key: SessionKey, locks: SessionLockManager
) -> None:
    """The same through botocore, which does not know this refusal and repeats nothing."""
    wire.plan("UpdateItem", error(CONFLICT), error(CONFLICT))

    lease = locks.acquire(key, HOLDER)

    assert (lease.fence, wire.sent("UpdateItem")) == (1, 3)
    assert system.session(key) == lease.session


def test_acquisition_gives_up_when_the_conflicts_do_not_end(
    system: System, wire: Wire, key: SessionKey, locks: SessionLockManager
) -> None:
    """It is a race that was lost, and neither a missing session nor another holder."""
    clock: FakeClock = system.get(Clock)
    wire.plan("UpdateItem", *[error(CONFLICT)] * 500)
    began = clock.monotonic()

    with pytest.raises(LostRace):
        locks.acquire(key, HOLDER)

    assert clock.monotonic() - began == pytest.approx(CONTENTION_SECONDS, abs=0.2)
    assert system.session(key).fence == 0


def test_lease_is_renewed_when_the_renewal_meets_transactions(
    system: System, wire: Wire, key: SessionKey, locks: SessionLockManager
) -> None:
    """A client's message on the same head never costs a worker its lease."""
    clock: FakeClock = system.get(Clock)
    lease = locks.acquire(key, HOLDER)
    clock.advance(LEASE_SECONDS - 0.5)
    wire.plan("UpdateItem", error(CONFLICT), error(CONFLICT))

    locks.renew(lease)

    clock.advance(LEASE_SECONDS - 0.5)
    with pytest.raises(HeldByOther):
        locks.acquire(key, OTHER)


@pytest.mark.parametrize("code", sorted(CONTENTION | THROTTLING))
def test_renewal_never_says_that_the_lease_is_lost_when_contention_does_not_end(
    system: System, key: SessionKey, locks: SessionLockManager, code: str
) -> None:
    """What is not known is not claimed: the holder goes on, and the next beat tries again."""
    lease = locks.acquire(key, HOLDER)
    fail_calls(system, "UpdateItem", refusal(code), times=500)

    with pytest.raises(LostRace):
        locks.renew(lease)

    assert system.session(key).fence == lease.fence


def test_lock_is_released_when_the_release_meets_transactions(
    wire: Wire, key: SessionKey, locks: SessionLockManager
) -> None:
    """Nobody waits for a lease because a client was writing."""
    lease = locks.acquire(key, HOLDER)
    wire.plan("UpdateItem", error(CONFLICT), error(CONFLICT))

    locks.release(lease)

    assert locks.acquire(key, OTHER).lost_fence is None


class _BeatsCounted(FakeTurnQueue):
    """Tells when so many beats have hidden the message."""

    def __init__(self, beats: int) -> None:
        super().__init__()
        self._beats = beats
        self.is_enough = threading.Event()

    def extend(self, receipt: str, seconds: int) -> None:
        """Count a beat."""
        super().extend(receipt, seconds)
        if len(self.extended) == self._beats:
            self.is_enough.set()


@contextmanager
def beating(locks: SessionLockManager, lease: Lease, beats: int) -> Iterator[None]:
    """Renew a hundred times a second until so many beats went through, and leave then."""
    queue = _BeatsCounted(beats)
    with Heartbeat(locks, queue, lease, every_seconds=0.01):
        yield
        assert queue.is_enough.wait(PATIENCE_SECONDS)


def test_heartbeat_goes_on_when_renewals_fail_now_and_then(
    system: System, key: SessionKey, locks: SessionLockManager
) -> None:
    """Conflicts, and a store that does not answer for a while, end no heartbeat."""
    lease = locks.acquire(key, HOLDER)
    fail_calls(system, "UpdateItem", refusal(CONFLICT), times=60)
    fail_calls(system, "UpdateItem", refusal("InternalServerError"), times=3)

    with beating(locks, lease, beats=3):
        pass

    locks.renew(lease)


def test_heartbeat_ends_when_the_session_was_lost(system: System, key: SessionKey, locks: SessionLockManager) -> None:
    """A worker that slept past its lease stops hiding the message that its successor needs."""
    clock: FakeClock = system.get(Clock)
    lost = locks.acquire(key, HOLDER)
    clock.advance(LEASE_SECONDS)
    locks.acquire(key, OTHER)
    queue = FakeTurnQueue()

    with Heartbeat(locks, queue, lost, every_seconds=0.01) as heartbeat:
        heartbeat._thread.join(20)

    assert not heartbeat._thread.is_alive()
    assert queue.extended == []
    with pytest.raises(LostFence):
        locks.renew(lost)
