"""Systems in memory whose commits and locks are metered as those of a deployment are."""

from typing import Any

from domain.ports import MetricsCollector, SessionLockManager, SessionRepository
from functions.adapters.dynamodb.metered_lock import MeteredSessionLockManager
from functions.adapters.dynamodb.metered_sessions import MeteredSessionRepository
from functions.adapters.invocation_line import InvocationLine
from tests.support.builders import fake_clock, memory_store
from tests.support.memory_store import MemoryStore
from tests.support.system import System, memory_system


def metered_system(*answers: Any) -> tuple[System, MemoryStore]:
    """Return a system in memory with meters around its store, and the store."""
    system = memory_system(*answers)
    store, clock = memory_store(system), fake_clock(system)
    metrics, line = system.get(MetricsCollector), system.get(InvocationLine)
    system.container.register(SessionRepository, lambda: MeteredSessionRepository(store, metrics))
    system.container.register(SessionLockManager, lambda: MeteredSessionLockManager(store, metrics, line, clock))
    return system, store
