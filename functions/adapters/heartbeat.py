"""Keeps a lease alive, and with it the queue message that covers its holder."""

import threading
from types import TracebackType
from typing import Self

from domain.model.errors import LostFence, LostRace, StorageUnavailable
from domain.model.lock import COVER_SECONDS, RENEWAL_SECONDS, Lease
from domain.ports import SessionLockManager, TurnQueue


class Heartbeat:
    """Renews in a thread of its own from entering to leaving the context.

    The lease comes first, and the message is hidden further **only if that succeeded**: a worker that was paused
    past its lease stops hiding the message that its successor needs.

    Args:
        locks: Renews the lease.
        queue: Hides the holder's message.
        lease: As it was taken.
        every_seconds: Between two beats, and before the first.
    """

    def __init__(
        self, locks: SessionLockManager, queue: TurnQueue, lease: Lease, *, every_seconds: float = RENEWAL_SECONDS
    ) -> None:
        self._locks = locks
        self._queue = queue
        self._lease = lease
        self._every_seconds = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def beat(self) -> bool:
        """Renew once, and return whether there is still a lease to renew."""
        try:
            self._locks.renew(self._lease)
            if self._lease.holder.receipt:
                self._queue.extend(self._lease.holder.receipt, COVER_SECONDS)
        except (StorageUnavailable, LostRace):
            # The next beat may succeed; if none does, lease and visibility run out together.
            return True
        except LostFence:
            return False
        return True

    def _run(self) -> None:
        while not self._stop.wait(self._every_seconds):
            if not self.beat():
                return
