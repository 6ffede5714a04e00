"""Whether the service can work."""

import pytest

from domain.model.errors import StorageUnavailable
from domain.ports import StoreHealth
from domain.queries.get_health import GetHealthQuery, HealthDTO
from tests.support.fakes import FailingPort
from tests.support.system import TRACE, memory_system


def test_health_tells_the_version_when_the_store_answers() -> None:
    """Anybody may ask, and learns which version runs."""
    assert memory_system().registry.execute_query(GetHealthQuery(trace=TRACE)) == HealthDTO(status="ok", version="test")


def test_health_is_refused_when_the_store_does_not_answer() -> None:
    """There is no half health: the answer is the store's refusal."""
    system = memory_system()
    system.container.register(StoreHealth, lambda: FailingPort(StorageUnavailable()))

    with pytest.raises(StorageUnavailable):
        system.registry.execute_query(GetHealthQuery(trace=TRACE))
