"""The composition root: which adapter stands behind which port. Adapters are imported when first needed."""

from pynamodb.connection import Connection

from domain.model.policy import DeploymentPolicy
from domain.ports import (
    ApprovalRepository,
    Clock,
    ContentStore,
    EventPublisher,
    ExpiryQueue,
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
from domain.services.deployment import Deployment, Limits, deployment
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
    container.register(ApprovalRepository, f"{adapters}.dynamodb.approval_repository:DynamoApprovalRepository")
    container.register(LogRepository, f"{adapters}.dynamodb.log_repository:DynamoLogRepository")
    container.register(SessionLockManager, f"{adapters}.dynamodb.metered_lock:metered_lock")
    container.register(StoreHealth, f"{adapters}.dynamodb.health:DynamoStoreHealth", version=settings.version)
    container.register(ContentStore, f"{adapters}.content_store:S3ContentStore", bucket=settings.content_bucket)
    container.register(TurnQueue, f"{adapters}.queues:SqsDeliveries", queue_url=settings.turns_queue_url)
    container.register(ExpiryQueue, f"{adapters}.queues:SqsDeliveries", queue_url=settings.expiries_queue_url)
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
            fallback=settings.model_fallback,
            table=settings.table,
        ),
    )
    container.register(
        Deployment,
        lambda: deployment(
            is_single_agent=settings.is_single_agent,
            limits=Limits(
                rounds=int(settings.max_rounds),
                switches=int(settings.max_switches),
                approval_seconds=int(settings.approval_seconds),
            ),
        ),
    )
    container.register(
        DeploymentPolicy,
        lambda: DeploymentPolicy.from_text(settings.policies, may_loosen=settings.policies_may_loosen == "true"),
    )
    return container
