"""The session repository with its commits counted."""

from domain.model.change import Commit, Loaded
from domain.model.errors import LostFence, LostRace
from domain.model.idempotency import ReceiptKey
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import CallId, SessionKey
from domain.ports import MetricsCollector, SessionRepository
from domain.services.measuring import measure
from functions.adapters.dynamodb.session_repository import DynamoSessionRepository


class MeteredSessionRepository:
    """Does what the repository inside it does, and records what commits tell and how many were refused."""

    def __init__(self, inner: SessionRepository, metrics: MetricsCollector) -> None:
        self._inner = inner
        self._metrics = metrics

    def get(self, key: SessionKey) -> Session:
        """Pass on."""
        return self._inner.get(key)

    def load(self, key: SessionKey, *, call_id: CallId | None = None, receipt_key: ReceiptKey | None = None) -> Loaded:
        """Pass on."""
        return self._inner.load(key, call_id=call_id, receipt_key=receipt_key)

    def settings(self, key: SessionKey) -> SessionSettings:
        """Pass on."""
        return self._inner.settings(key)

    def commit(self, commit: Commit) -> None:
        """Record the facts of a commit that was written; one whose answer was lost is not counted."""
        try:
            self._inner.commit(commit)
        except LostRace:
            self._metrics.record_conflict(is_fenced=False)
            raise
        except LostFence:
            self._metrics.record_conflict(is_fenced=True)
            raise
        measure(commit, self._metrics)


def metered_sessions(inner: DynamoSessionRepository, metrics: MetricsCollector) -> MeteredSessionRepository:
    """Return the table's repository, metered."""
    return MeteredSessionRepository(inner, metrics)
