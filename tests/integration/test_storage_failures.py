"""A store that does not answer, answers too late, or says that we are wrong: each is told apart, nothing is doubled."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from pynamodb.exceptions import PynamoDBException

from domain.commands.run_turn import Delivery
from domain.model.agent import AgentType
from domain.model.errors import LostRace, StorageUnavailable
from domain.model.lock import COVER_SECONDS, HeldByOther, Holder, Lease
from domain.model.value import CallId, SessionKey
from domain.ports import LogRepository, SessionLockManager, SessionRepository, StoreHealth
from functions.adapters.seam import Phase
from tests.support.builders import fake_clock, scripted_model, text
from tests.support.system import System
from tests.support.wire import Wire, answer_lost, cancelled, error, fail_calls, unanswered

ADDRESS = "http://127.0.0.1"
HOLDER = Holder(name="worker", cover="message", receipt="")
OTHER = Holder(name="other", cover="another", receipt="")


def refusal(code: str) -> ClientError:
    """What the SDK raises for an answer with this code."""
    return ClientError({"Error": {"Code": code, "Message": "scripted"}}, "Operation")


SILENCE = {
    "read timeout": ReadTimeoutError(endpoint_url=ADDRESS),
    "connect timeout": ConnectTimeoutError(endpoint_url=ADDRESS),
    "no connection": EndpointConnectionError(endpoint_url=ADDRESS),
    "500": refusal("InternalServerError"),
    "503": refusal("ServiceUnavailable"),
}
DEFECTS = ("ValidationException", "AccessDeniedException", "ResourceNotFoundException")


@dataclass(frozen=True)
class Ports:
    """The ports of a store, and a session that owes a turn."""

    system: System
    key: SessionKey

    @property
    def sessions(self) -> SessionRepository:
        """Heads and commits."""
        sessions: SessionRepository = self.system.get(SessionRepository)
        return sessions

    @property
    def log(self) -> LogRepository:
        """The log."""
        log: LogRepository = self.system.get(LogRepository)
        return log

    @property
    def locks(self) -> SessionLockManager:
        """The lock."""
        locks: SessionLockManager = self.system.get(SessionLockManager)
        return locks

    @property
    def health(self) -> StoreHealth:
        """The health check."""
        health: StoreHealth = self.system.get(StoreHealth)
        return health


@pytest.fixture
def ports(system: System) -> Ports:
    """A session that owes a turn to an agent that is known."""
    key = system.create(agent=AgentType.ASK)
    system.say(key, "hello")
    return Ports(system, key)


OPERATIONS: dict[str, tuple[str, Callable[[Ports, Lease], object]]] = {
    "get": ("GetItem", lambda ports, _: ports.sessions.get(ports.key)),
    "load": ("BatchGetItem", lambda ports, _: ports.sessions.load(ports.key, call_id=CallId("9-0"))),
    "page": ("Query", lambda ports, _: ports.log.page(ports.key, after=0, limit=10)),
    "recent": ("Query", lambda ports, _: ports.log.recent(ports.key, turn=1)),
    "check health": ("GetItem", lambda ports, _: ports.health.check()),
    "create": ("TransactWriteItems", lambda ports, _: ports.system.create("another")),
    "say": ("TransactWriteItems", lambda ports, _: ports.system.say(ports.key, "lost")),
    "acquire": ("UpdateItem", lambda ports, _: ports.locks.acquire(ports.key, HOLDER)),
    "renew": ("UpdateItem", lambda ports, lease: ports.locks.renew(lease)),
    "release": ("UpdateItem", lambda ports, lease: ports.locks.release(lease)),
}
"""Everything that reaches the store: the request it makes, and how it is called."""

every_operation = pytest.mark.parametrize(("request_name", "operate"), OPERATIONS.values(), ids=OPERATIONS)


@pytest.mark.parametrize("failure", SILENCE.values(), ids=SILENCE)
@every_operation
def test_operation_is_unavailable_when_the_store_does_not_answer(
    ports: Ports, request_name: str, operate: Callable[[Ports, Lease], object], failure: Exception
) -> None:
    """The caller is told to come again, whatever kept the answer away."""
    lease = ports.locks.acquire(ports.key, HOLDER)
    fail_calls(ports.system, request_name, failure)

    with pytest.raises(StorageUnavailable) as unavailable:
        operate(ports, lease)

    assert unavailable.value.retry_after_seconds == 1


@pytest.mark.parametrize("code", DEFECTS)
@every_operation
def test_operation_shows_the_defect_when_we_asked_for_something_wrong(
    ports: Ports, request_name: str, operate: Callable[[Ports, Lease], object], code: str
) -> None:
    """A wrong request is repeated by nobody and looks like nothing else."""
    lease = ports.locks.acquire(ports.key, HOLDER)
    fail_calls(ports.system, request_name, refusal(code))

    with pytest.raises((ClientError, PynamoDBException)) as defect:
        operate(ports, lease)

    assert code in repr((defect.value, getattr(defect.value, "cause", None)))


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_commit_shows_the_defect_when_the_transaction_is_cancelled_for_it(
    ports: Ports, wire: Wire, reason: str
) -> None:
    """An item that is too large fits no better the next time."""
    wire.plan("TransactWriteItems", cancelled(reason, None))

    with pytest.raises(PynamoDBException):
        ports.system.say(ports.key, "too large")

    assert wire.sent("TransactWriteItems") == 3


@pytest.mark.parametrize("name", ["get", "page", "recent", "check health"])
def test_read_is_a_lost_race_when_it_is_throttled(ports: Ports, name: str) -> None:
    """Reads are throttled too, and worth the same patience."""
    request_name, operate = OPERATIONS[name]
    lease = ports.locks.acquire(ports.key, HOLDER)
    fail_calls(ports.system, request_name, refusal("ProvisionedThroughputExceededException"))

    with pytest.raises(LostRace):
        operate(ports, lease)


def test_message_is_stored_once_when_the_sdk_repeats_after_a_failure(ports: Ports, wire: Wire) -> None:
    """One 500 is the SDK's business: nobody else hears of it."""
    wire.plan("TransactWriteItems", error("InternalServerError", status=500))

    ports.system.say(ports.key, "at last")

    assert [message.content for message in ports.system.messages(ports.key)] == ["hello", "at last"]
    assert wire.is_idle


def test_message_is_stored_once_when_its_first_try_is_still_being_written(ports: Ports, wire: Wire) -> None:
    """The store knows the second try for the first's: nobody knows yet what comes of it, and no other is begun."""
    in_progress = error("TransactionInProgressException")
    wire.plan("TransactWriteItems", answer_lost, in_progress, in_progress)

    with pytest.raises(StorageUnavailable):
        ports.system.say(ports.key, "slow")

    assert wire.is_idle
    assert [message.content for message in ports.system.messages(ports.key)] == ["hello", "slow"]


def test_message_is_stored_once_when_the_sdk_repeats_after_a_lost_answer(ports: Ports, wire: Wire) -> None:
    """The repeated transaction carries the same token and is not carried out twice, nor refused."""
    wire.plan("TransactWriteItems", answer_lost)
    before = wire.sent("TransactWriteItems")

    said = ports.system.say(ports.key, "once")

    assert [message.seq for message in ports.system.messages(ports.key) if message.content == "once"] == [said.seq]
    assert wire.sent("TransactWriteItems") - before == 2


def test_message_is_refused_when_the_store_stays_silent(ports: Ports, wire: Wire) -> None:
    """Three tries of the SDK and nothing on top."""
    wire.plan("TransactWriteItems", unanswered, unanswered, unanswered, unanswered)
    before = wire.sent("TransactWriteItems")

    with pytest.raises(StorageUnavailable):
        ports.system.say(ports.key, "in vain")

    assert wire.sent("TransactWriteItems") - before == 3
    assert [message.content for message in ports.system.messages(ports.key)] == ["hello"]


def test_message_may_be_stored_when_the_client_was_told_that_the_store_is_unavailable(ports: Ports) -> None:
    """Nobody can know; what is stored is whole, and the client learns of it from the log."""
    fail_calls(ports.system, "TransactWriteItems", SILENCE["read timeout"], phase=Phase.AFTER)

    with pytest.raises(StorageUnavailable):
        ports.system.say(ports.key, "written all the same")

    assert ports.system.facts(ports.key)[-2:] == ["MessageAdded", "TurnRequested"]
    assert ports.system.messages(ports.key)[-1].content == "written all the same"


def test_lock_is_ours_when_the_answer_to_its_acquisition_was_lost(ports: Ports, wire: Wire) -> None:
    """The SDK asks again, finds the lock taken by itself, and takes it once more; the worker does not lock itself out.

    The first taking has moved the fence and counts as an attempt, which costs nothing but the number.
    """
    wire.plan("UpdateItem", answer_lost)

    lease = ports.locks.acquire(ports.key, HOLDER)

    assert (lease.fence, lease.lost_fence, wire.sent("UpdateItem")) == (2, None, 2)
    assert ports.system.session(ports.key) == lease.session
    ports.locks.renew(lease)
    with pytest.raises(HeldByOther):
        ports.locks.acquire(ports.key, OTHER)


def test_turn_is_answered_once_when_the_answer_to_its_acquisition_was_lost(ports: Ports, wire: Wire) -> None:
    """The whole turn goes on under the number of the second taking."""
    scripted_model(ports.system).answers += [text("the answer")]
    wire.plan("UpdateItem", answer_lost)

    delivery = ports.system.work(ports.key)

    assert delivery is Delivery.DONE
    assert [message.content for message in ports.system.messages(ports.key)] == ["hello", "the answer"]


@pytest.mark.parametrize("request_name", ["UpdateItem", "Query", "TransactWriteItems"])
@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
def test_turn_is_answered_once_when_the_store_fails_and_the_message_comes_back(
    ports: Ports, request_name: str, phase: Phase
) -> None:
    """Whether the failing request was carried out or not, the next delivery leaves exactly one answer."""
    scripted_model(ports.system).answers += [text("the answer")] * 2
    fail_calls(ports.system, request_name, SILENCE["read timeout"], phase=phase)

    with pytest.raises(StorageUnavailable):
        ports.system.work(ports.key, holder="first")
    fake_clock(ports.system).advance(COVER_SECONDS)
    ports.system.work(ports.key, holder="first, again")

    assert [message.content for message in ports.system.messages(ports.key)] == ["hello", "the answer"]
    assert ports.system.facts(ports.key).count("TurnCompleted") == 1


def test_failure_of_the_held_block_is_told_when_the_store_fails_too(ports: Ports) -> None:
    """A lock that cannot be given back runs out by itself and does not hide what went wrong."""
    lease = ports.locks.acquire(ports.key, HOLDER)
    fail_calls(ports.system, "UpdateItem", SILENCE["500"], times=5)

    with pytest.raises(ZeroDivisionError), ports.locks.hold(lease):
        raise ZeroDivisionError
