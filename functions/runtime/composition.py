"""The composition root: which adapter stands behind which port. Adapters are imported when first needed."""

from pynamodb.connection import Connection

from domain.model.policy import DeploymentPolicy
from domain.ports import (
    Clock,
    ContentStore,
    EventPublisher,
    Ids,
    LogRepository,
    MetricsCollector,
    ModelClient,
    ParkedCommits,
    SessionDirectory,
    SessionLockManager,
    SessionRepository,
    StoreHealth,
    TurnQueue,
)
from functions.adapters.models.choice import ModelChoice
from functions.runtime.container import DIContainer
from functions.runtime.settings import Settings


def compose(settings: Settings) -> DIContainer:
    """Return a container for a deployment with these settings."""
    adapters = "functions.adapters"
    container = DIContainer()
    container.register(Settings, lambda: settings)
    container.register(Clock, f"{adapters}.system:SystemClock")
    container.register(Ids, f"{adapters}.system:RandomIds")
    container.register(MetricsCollector, f"{adapters}.metrics_collector:EmfMetricsCollector")
    container.register(Connection, f"{adapters}.dynamodb.models:connect", table=settings.table)
    container.register(SessionRepository, f"{adapters}.dynamodb.metered_sessions:metered_sessions")
    container.register(SessionDirectory, f"{adapters}.dynamodb.session_directory:DynamoSessionDirectory")
    container.register(LogRepository, f"{adapters}.dynamodb.log_repository:DynamoLogRepository")
    container.register(SessionLockManager, f"{adapters}.dynamodb.metered_lock:metered_lock")
    container.register(StoreHealth, f"{adapters}.dynamodb.health:DynamoStoreHealth", version=settings.version)
    container.register(ContentStore, f"{adapters}.content_store:S3ContentStore", bucket=settings.content_bucket)
    container.register(TurnQueue, f"{adapters}.queues:SqsTurnQueue", queue_url=settings.turns_queue_url)
    container.register(ParkedCommits, f"{adapters}.queues:SqsParkedCommits", queue_url=settings.parked_queue_url)
    container.register(EventPublisher, f"{adapters}.eventbridge.publisher:EventBridgePublisher", bus=settings.bus)
    container.register(ModelClient, f"{adapters}.models.selection:model_client")
    container.register(
        ModelChoice,
        lambda: ModelChoice(
            provider=settings.model,
            model_id=settings.model_id,
            base_url=settings.model_base_url,
            key=settings.model_key,
            guardrail=settings.model_guardrail,
            table=settings.table,
        ),
    )
    container.register(
        DeploymentPolicy,
        lambda: DeploymentPolicy.from_text(settings.policies, may_loosen=settings.policies_may_loosen == "true"),
    )
    return container
