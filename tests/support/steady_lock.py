"""A lock for what is counted: how often a lease is renewed depends on the machine, and has a budget of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.model.lock import Lease
from domain.ports import SessionLockManager
from functions.adapters.dynamodb.session_lock import DynamoSessionLockManager
from tests.support.system import System


class _SteadyLockManager(DynamoSessionLockManager):
    """Renews when asked to only."""

    @contextmanager
    def hold(self, lease: Lease) -> Iterator[None]:  # noqa: ARG002  # the port's signature
        yield


def steady(system: System) -> System:
    """Return the system, whose workers renew no lease by themselves, however long their machine lets them wait."""
    system.container.register(SessionLockManager, _SteadyLockManager)
    return system
