"""Workers of one deployment around a provider that fails and recovers by hand, and the circuit between them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from functions.adapters.aws import Aws
from functions.adapters.models.circuit import PARTITION, CircuitBreaker, GuardedModelClient
from functions.adapters.models.failures import failure
from functions.adapters.seam import IoSeam
from tests.support.builders import make_request, text
from tests.support.dynamodb import quick
from tests.support.fakes import FakeClock

_names = count(1)
_FAR_FUTURE = 32_503_680_000
"""The year 3000."""


class Downstream:
    """A provider whose state is set by hand."""

    name = "downstream"

    def __init__(self) -> None:
        self.status = "200"
        self.calls = 0
        self.gate: threading.Event | None = None
        self.entered: Callable[[], None] = lambda: None

    def complete(self, _: ModelRequest) -> ModelAnswer:
        """Answer, or fail as `status` says; wait for the gate, if there is one."""
        self.calls += 1
        self.entered()
        if self.gate:
            self.gate.wait()
        if self.status != "200":
            raise failure(self.status, "Down.")
        return text()


@dataclass
class Worker:
    """One worker: a client, clock and requests of its own."""

    client: GuardedModelClient
    seam: IoSeam
    clock: FakeClock
    changes: list[CircuitChange] = field(default_factory=list)

    def call(self) -> str:
        """Return `200`, or the status of the failure; remember what became of the circuit."""
        try:
            answer = self.client.complete(make_request())
        except ModelFailure as failed:
            self.changes += failed.circuit
            return failed.status
        self.changes += answer.circuit
        return "200"

    def calls(self, times: int) -> list[str]:
        """Call several times."""
        return [self.call() for _ in range(times)]

    def spent(self) -> dict[str, int]:
        """Return the requests since the last time."""
        spent = dict(self.seam.requests)
        self.seam.requests.clear()
        return spent


class Deployment:
    """Workers around one provider and one table."""

    def __init__(self, table: str, client: Any) -> None:
        self.downstream = Downstream()
        # The counters of Powertools are the process's: a circuit of a name is never used twice here.
        self.circuit = f"circuit {next(_names)}"
        self._table = table
        self._client = client

    def worker(self) -> Worker:
        """Start a worker."""
        seam, clock = IoSeam(), FakeClock()
        aws = Aws(seam)
        quick(aws._own_session())
        breaker = CircuitBreaker(self.circuit, self._table, aws, clock)
        return Worker(GuardedModelClient(self.downstream, breaker), seam, clock)

    @property
    def item(self) -> dict[str, Any]:
        """The circuit as stored, empty when nothing is."""
        found = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return {name: next(iter(value.values())) for name, value in found.get("Item", {}).items()}

    def stop_recovery(self) -> None:
        """Keep the circuit as it is, however long the test takes: Powertools asks the machine's clock."""
        self._set_times(_FAR_FUTURE)

    def end_recovery(self) -> None:
        """Let the time pass after which a call is let through, and in which one that was must have ended."""
        self._set_times(0)

    def _set_times(self, seconds: int) -> None:
        times = sorted(self.item.keys() & {"oa", "le"})
        self._client.update_item(
            TableName=self._table,
            Key=self._key,
            UpdateExpression=f"SET {', '.join(f'{name} = :at' for name in times)}",
            ExpressionAttributeValues={":at": {"N": str(seconds)}},
        )

    @property
    def _key(self) -> dict[str, Any]:
        return {"PK": {"S": PARTITION}, "SK": {"S": self.circuit}}
