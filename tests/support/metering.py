"""What operations cost: requests as the seam counts them, units as AWS bills them."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam
from tests.support.capacity import CapacityMeter
from tests.support.dynamodb import plain_client
from tests.support.system import System


@dataclass(frozen=True)
class Cost:
    """What one operation cost.

    Attributes:
        requests: HTTP requests to whatever service, retries included.
        units: Write units, the index's included.
        reads: Read units.
    """

    requests: int
    units: int
    reads: float


class Meter:
    """Measures what a system on DynamoDB Local does."""

    def __init__(self, system: System, port: int) -> None:
        self._seam: IoSeam = system.get(IoSeam)
        self._capacity = CapacityMeter(plain_client(port))
        self._capacity.watch(system.get(Aws).client("dynamodb").meta.events)

    def cost_of(self, operation: Callable[[], object]) -> Cost:
        """Carry `operation` out and return what it cost."""
        requests, before = self._seam.requests.total(), self._capacity.used
        operation()
        used = self._capacity.used - before
        return Cost(self._seam.requests.total() - requests, used.writes, used.reads)
