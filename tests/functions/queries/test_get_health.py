"""GET /health."""

import pytest

from domain.model.errors import LostRace, StorageUnavailable
from domain.ports import StoreHealth
from tests.support.edge import Edge
from tests.support.fakes import FailingPort
from tests.support.system import System


def test_get_health_answers_200_when_anybody_asks(edge: Edge) -> None:
    """The sample has no token, and the answer tells the version and nothing else."""
    response = edge.call("get_health")

    assert response.status == 200
    assert response.json == {"status": "ok", "version": "test"}
    assert response.headers["X-Correlation-Id"] == "sample-get_health"


@pytest.mark.parametrize("failure", [StorageUnavailable(retry_after_seconds=1), LostRace()])
def test_get_health_answers_503_when_the_store_does_not_answer(edge: Edge, system: System, failure: Exception) -> None:
    """A service that cannot reach its table says so, and when to ask again; throttling is the same to a reader."""
    system.container.register(StoreHealth, lambda: FailingPort(failure))

    response = edge.call("get_health")

    assert (response.status, response.code) == (503, "STORAGE_UNAVAILABLE")
    assert response.headers["Retry-After"] == "1"


def test_get_health_answers_422_when_a_parameter_is_unknown(edge: Edge) -> None:
    """There is nothing to ask for here."""
    response = edge.call("get_health", query={"deep": "1"})

    assert (response.status, response.wrong_fields) == (422, ["deep"])
