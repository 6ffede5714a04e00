"""The session lock with its takers timed and counted."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.model.errors import LockAcquisitionTimeoutError
from domain.model.lock import HeldByOther, Holder, Lease
from domain.model.value import SessionKey
from domain.ports import Clock, MetricsCollector, SessionLockManager
from functions.adapters.dynamodb.session_lock import DynamoSessionLockManager
from functions.adapters.invocation_line import InvocationLine


class MeteredSessionLockManager:
    """Does what the lock inside it does, records wait, hold and contention, and puts the fence on the log line."""

    def __init__(
        self, inner: SessionLockManager, metrics: MetricsCollector, line: InvocationLine, clock: Clock
    ) -> None:
        self._inner = inner
        self._metrics = metrics
        self._line = line
        self._clock = clock

    def acquire(self, key: SessionKey, holder: Holder, *, if_owed: bool = True) -> Lease:
        """Time the taking."""
        with self._timed():
            return self._taken(self._inner.acquire(key, holder, if_owed=if_owed))

    def acquire_within(self, key: SessionKey, holder: Holder, *, timeout_seconds: float) -> Lease:
        """Time the taking, the waiting included."""
        with self._timed():
            return self._taken(self._inner.acquire_within(key, holder, timeout_seconds=timeout_seconds))

    def renew(self, lease: Lease) -> None:
        """Pass on."""
        self._inner.renew(lease)

    def release(self, lease: Lease) -> None:
        """Pass on."""
        self._inner.release(lease)

    @contextmanager
    def hold(self, lease: Lease) -> Iterator[None]:
        """Time the block."""
        began = self._clock.monotonic()
        try:
            with self._inner.hold(lease):
                yield
        finally:
            self._metrics.record_lock_held(self._clock.monotonic() - began)

    def _taken(self, lease: Lease) -> Lease:
        self._line.fields["fence"] = lease.fence
        return lease

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = self._clock.monotonic()
        try:
            yield
        except (HeldByOther, LockAcquisitionTimeoutError):
            self._metrics.record_lock_contention()
            raise
        self._metrics.record_lock_taken(self._clock.monotonic() - began)


def metered_lock(
    inner: DynamoSessionLockManager, metrics: MetricsCollector, line: InvocationLine, clock: Clock
) -> MeteredSessionLockManager:
    """Return the table's lock, metered."""
    return MeteredSessionLockManager(inner, metrics, line, clock)
