"""The circuit that all workers share, on DynamoDB Local: its life, its races, its price."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from functions.adapters.models.circuit import BELIEF_SECONDS, FAILURES
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.retries import RetryHandler
from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.builders import make_request
from tests.support.circuits import Deployment, Worker
from tests.support.dynamodb import plain_client
from tests.support.fakes import CountingIds, FakeClock
from tests.support.patience import PATIENCE_SECONDS

GET, PUT, UPDATE = "dynamodb.GetItem", "dynamodb.PutItem", "dynamodb.UpdateItem"


class KeepingClock(FakeClock):
    """While a retry waits, the circuit does not recover."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self._deployment = deployment

    def sleep(self, seconds: float) -> None:
        """Wait."""
        super().sleep(seconds)
        self._deployment.stop_recovery()


@pytest.fixture
def deployment(table_name: str, dynamodb_local: DynamoDbLocal) -> Deployment:
    """Return a deployment whose provider is well."""
    return Deployment(table_name, plain_client(dynamodb_local.port))


@pytest.fixture
def open_circuit(deployment: Deployment) -> Worker:
    """Return a worker that has just found the provider down."""
    worker = deployment.worker()
    deployment.downstream.status = "503"
    worker.calls(FAILURES)
    deployment.stop_recovery()
    worker.spent()
    return worker


def test_circuit_opens_when_failures_follow_each_other(deployment: Deployment) -> None:
    """The last of so many failures opens it; from then on the provider is left in peace."""
    deployment.downstream.status = "503"
    worker = deployment.worker()

    failed = worker.calls(FAILURES)
    deployment.stop_recovery()

    assert (failed, worker.calls(2)) == (["503"] * FAILURES, ["circuit_open"] * 2)
    assert deployment.downstream.calls == FAILURES
    assert worker.changes == [CircuitChange.OPENED]
    assert deployment.item["st"] == "OPEN"


def test_circuit_stays_closed_when_a_success_comes_between(deployment: Deployment) -> None:
    """Failures are counted in a row."""
    worker = deployment.worker()

    for status in ["503", "503", "503", "503", "200"] * 2:
        deployment.downstream.status = status
        assert worker.call() == status

    assert worker.changes == []
    assert deployment.item == {}


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "429", "guardrail", "configuration", "malformed"])
def test_circuit_stays_closed_when_the_provider_works(deployment: Deployment, status: str) -> None:
    """Our own mistakes, a busy provider and a model that errs are no reason to stop everyone."""
    deployment.downstream.status = status
    worker = deployment.worker()

    assert worker.calls(2 * FAILURES) == [status] * 2 * FAILURES
    assert deployment.item == {}


def test_circuit_closes_when_the_provider_is_back(deployment: Deployment, open_circuit: Worker) -> None:
    """After the recovery time one call is let through; it succeeds, and everything is as before."""
    deployment.downstream.status = "200"
    refused = open_circuit.call()
    deployment.end_recovery()

    assert (refused, open_circuit.call()) == ("circuit_open", "200")
    assert open_circuit.changes == [CircuitChange.OPENED, CircuitChange.CLOSED]
    assert deployment.item["st"] == "CLOSED"
    assert open_circuit.calls(3) == ["200"] * 3


def test_circuit_stays_open_when_the_provider_is_not_back(deployment: Deployment, open_circuit: Worker) -> None:
    """The call let through fails, and the waiting begins anew; nobody is told twice."""
    deployment.end_recovery()
    tried = open_circuit.call()
    deployment.stop_recovery()

    assert (tried, open_circuit.call()) == ("503", "circuit_open")
    assert open_circuit.changes == [CircuitChange.OPENED]
    assert deployment.item["st"] == "OPEN"


def test_other_workers_stay_away_when_one_has_opened_the_circuit(deployment: Deployment, open_circuit: Worker) -> None:
    """A worker that starts later does not try at all."""
    calls = deployment.downstream.calls

    assert deployment.worker().call() == "circuit_open"
    assert deployment.downstream.calls == calls
    assert open_circuit.call() == "circuit_open"


def test_other_workers_come_back_when_one_has_closed_the_circuit(deployment: Deployment, open_circuit: Worker) -> None:
    """What was refused a moment ago is answered: an open circuit is never remembered."""
    other = deployment.worker()
    refused = other.call()
    deployment.downstream.status = "200"
    deployment.end_recovery()
    open_circuit.call()

    assert (refused, other.call()) == ("circuit_open", "200")
    assert other.changes == []


def test_worker_learns_that_the_circuit_is_open_when_its_own_call_fails(deployment: Deployment) -> None:
    """A worker that believes all is well makes one vain call, not as many as it takes to find out alone."""
    believer, other = deployment.worker(), deployment.worker()
    believer.call()
    deployment.downstream.status = "503"
    other.calls(FAILURES)
    deployment.stop_recovery()

    assert believer.calls(2) == ["503", "circuit_open"]


def test_worker_learns_that_the_circuit_is_open_when_its_belief_is_old(deployment: Deployment) -> None:
    """Nobody believes for ever."""
    believer, other = deployment.worker(), deployment.worker()
    believer.call()
    deployment.downstream.status = "503"
    other.calls(FAILURES)
    deployment.stop_recovery()

    believer.clock.advance(BELIEF_SECONDS)

    assert believer.call() == "circuit_open"


def test_one_worker_tries_when_many_find_the_recovery_time_over(deployment: Deployment, open_circuit: Worker) -> None:
    """Of eight that ask at once, one reaches the provider; it comes back to life undisturbed."""
    workers = [deployment.worker() for _ in range(8)]
    deployment.end_recovery()
    deployment.downstream.status = "200"
    deployment.downstream.calls = 0
    deployment.downstream.gate = threading.Event()
    deployment.downstream.entered = deployment.stop_recovery
    refusals = threading.Semaphore(0)

    def call(worker: Worker) -> str:
        status = worker.call()
        refusals.release()
        return status

    with ThreadPoolExecutor(len(workers)) as pool:
        statuses = [pool.submit(call, worker) for worker in workers]
        for _ in workers[1:]:
            refusals.acquire(timeout=PATIENCE_SECONDS)
        deployment.downstream.entered = lambda: None
        deployment.downstream.gate.set()

    assert sorted(status.result() for status in statuses) == ["200", *["circuit_open"] * 7]
    assert deployment.downstream.calls == 1
    assert open_circuit.call() == "200"


def test_another_worker_tries_when_the_one_that_tried_has_vanished(deployment: Deployment) -> None:
    """A worker killed in the middle of its try does not keep the circuit from closing."""
    killed = deployment.worker()
    deployment.downstream.status = "503"
    killed.calls(FAILURES)
    deployment.end_recovery()
    deployment.downstream.status = "200"
    deployment.downstream.gate = threading.Event()
    dead = threading.Thread(target=killed.call, daemon=True)
    dead.start()
    while deployment.item["st"] != "HALF_OPEN":
        pass
    deployment.end_recovery()
    successor, gate = deployment.worker(), deployment.downstream.gate
    deployment.downstream.gate = None

    assert successor.call() == "200"
    assert deployment.item["st"] == "CLOSED"
    gate.set()
    dead.join()


def test_retries_end_at_once_when_the_circuit_opens(deployment: Deployment) -> None:
    """A turn does not wait for a provider that is known to be down, and its failure tells of the opening."""
    deployment.downstream.status = "503"
    worker = deployment.worker()
    worker.calls(FAILURES - 1)
    clock = KeepingClock(deployment)
    client = ResilientModelClient(worker.client, RetryHandler(clock, CountingIds()), clock, worker.seam)

    with pytest.raises(ModelFailure) as failed:
        client.complete(make_request())

    assert (failed.value.status, failed.value.attempts) == ("circuit_open", 2)
    assert failed.value.circuit == (CircuitChange.OPENED,)
    assert clock.slept == [1.0]


def test_calls_are_answered_when_the_table_is_not_there(table_name: str) -> None:
    """What protects the provider must not be what fails: without its store everyone is let through."""
    deployment = Deployment(f"no-{table_name}", None)
    worker = deployment.worker()

    assert worker.call() == "200"
    deployment.downstream.status = "503"
    assert worker.calls(FAILURES + 1) == ["503"] * (FAILURES + 1)


def test_closed_circuit_costs_a_read_now_and_then(deployment: Deployment) -> None:
    """A hundred calls within the time of belief cost one request together, and so do the next."""
    worker = deployment.worker()

    worker.calls(100)
    first = worker.spent()
    worker.clock.advance(BELIEF_SECONDS)
    worker.calls(100)

    assert (first, worker.spent()) == ({GET: 1}, {GET: 1})


def test_open_circuit_costs_what_is_written_of_it(deployment: Deployment, open_circuit: Worker) -> None:
    """Opening is one write; a refusal is one read; a try is a read and two writes, and saves the next read."""
    other = deployment.worker()
    other.call()
    refused = other.spent()
    deployment.downstream.status = "200"
    deployment.end_recovery()
    open_circuit.calls(2)

    assert refused == {GET: 1}
    assert open_circuit.spent() == {GET: 1, PUT: 1, UPDATE: 1}


def test_opening_costs_one_write(deployment: Deployment) -> None:
    """Failures themselves are counted in the worker; after each, the next try looks what others know."""
    deployment.downstream.status = "503"
    worker = deployment.worker()

    worker.calls(FAILURES)

    assert worker.spent() == {GET: FAILURES, PUT: 1}
    assert deployment.item.keys() == {"PK", "SK", "st", "fc", "oa", "ttl"}
