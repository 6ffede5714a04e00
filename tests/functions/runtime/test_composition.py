"""Which adapter stands behind which port."""

from collections.abc import Iterator

import pytest
from pynamodb.connection import Connection

from domain import ports
from functions.adapters.content_store import S3ContentStore
from functions.adapters.dynamodb.approval_repository import DynamoApprovalRepository
from functions.adapters.dynamodb.health import DynamoStoreHealth
from functions.adapters.dynamodb.log_repository import DynamoLogRepository
from functions.adapters.dynamodb.metered_lock import MeteredSessionLockManager
from functions.adapters.dynamodb.metered_sessions import MeteredSessionRepository
from functions.adapters.dynamodb.models import Item
from functions.adapters.dynamodb.session_directory import DynamoSessionDirectory
from functions.adapters.dynamodb.session_lock import DynamoSessionLockManager
from functions.adapters.dynamodb.session_repository import DynamoSessionRepository
from functions.adapters.eventbridge.publisher import EventBridgePublisher
from functions.adapters.metrics_collector import EmfMetricsCollector
from functions.adapters.models.resilient import ResilientModelClient
from functions.adapters.queues import SqsDeliveries, SqsParkedCommits
from functions.adapters.system import RandomIds, SystemClock
from functions.catalog import CATALOG
from functions.runtime.composition import compose
from functions.runtime.container import DIContainer
from functions.runtime.dotted import load
from tests.support.system import SETTINGS

# What the two queues have in common is asked for by nobody.
PORTS = {getattr(ports, name) for name in ports.__all__} - {ports.Deliveries}
ADAPTERS = {
    ports.Clock: SystemClock,
    ports.Ids: RandomIds,
    ports.MetricsCollector: EmfMetricsCollector,
    ports.SessionRepository: MeteredSessionRepository,
    ports.SessionDirectory: DynamoSessionDirectory,
    ports.LogRepository: DynamoLogRepository,
    ports.SessionLockManager: MeteredSessionLockManager,
    ports.StoreHealth: DynamoStoreHealth,
    ports.ContentStore: S3ContentStore,
    ports.TurnQueue: SqsDeliveries,
    ports.ExpiryQueue: SqsDeliveries,
    ports.ApprovalRepository: DynamoApprovalRepository,
    ports.ParkedCommits: SqsParkedCommits,
    ports.EventPublisher: EventBridgePublisher,
    ports.ModelClient: ResilientModelClient,
}


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[DIContainer]:
    """Return a deployment's container, and give PynamoDB's models back what they were connected to."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    connection, table = Item._connection, Item.Meta.table_name
    yield compose(SETTINGS)
    Item._connection, Item.Meta.table_name = connection, table


def test_every_port_has_an_adapter_when_a_deployment_is_composed(container: DIContainer) -> None:
    """What the domain needs from outside is there, and each port has the one adapter that is meant."""
    built = {port: type(container.get(port)) for port in PORTS}

    assert built == ADAPTERS


def test_adapters_have_their_settings_when_a_deployment_is_composed(container: DIContainer) -> None:
    """A setting reaches the adapter it is for."""
    container.get(Connection)

    assert Item.Meta.table_name == SETTINGS.table
    assert container.get(ports.StoreHealth).version == SETTINGS.version  # type: ignore[type-abstract]
    assert container.get(ports.ModelClient).name == SETTINGS.model  # type: ignore[type-abstract]


@pytest.mark.parametrize("function", CATALOG, ids=lambda row: row.name)
def test_every_handler_is_built_when_a_deployment_is_composed(container: DIContainer, function: object) -> None:
    """Everything a handler asks for in its constructor is there, without a request to anybody."""
    handler = load(function.message_handler)  # type: ignore[attr-defined]

    assert isinstance(container.get(handler), handler)


def test_parts_share_what_they_share_when_a_deployment_is_composed(container: DIContainer) -> None:
    """There is one of each: one clock, one connection, one session of botocore."""
    repository, locks = container.get(DynamoSessionRepository), container.get(DynamoSessionLockManager)

    assert vars(repository)["_connection"] is vars(locks)["_connection"] is container.get(Connection)
    assert vars(container.get(ports.SessionRepository))["_inner"] is repository  # type: ignore[type-abstract]
    assert vars(container.get(ports.SessionLockManager))["_inner"] is locks  # type: ignore[type-abstract]
    assert vars(locks)["_clock"] is container.get(ports.Clock)  # type: ignore[type-abstract]
