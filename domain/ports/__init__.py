"""What the domain needs from outside, by idea; everything is imported from here."""

from domain.ports.metrics import MetricsCollector
from domain.ports.model import ModelClient
from domain.ports.sessions import ApprovalRepository, ContentStore, LogRepository, SessionDirectory, SessionRepository
from domain.ports.system import Clock, Ids, StoreHealth
from domain.ports.work import Deliveries, EventPublisher, ExpiryQueue, ParkedCommits, SessionLockManager, TurnQueue

__all__ = [
    "ApprovalRepository",
    "Clock",
    "ContentStore",
    "Deliveries",
    "EventPublisher",
    "ExpiryQueue",
    "Ids",
    "LogRepository",
    "MetricsCollector",
    "ModelClient",
    "ParkedCommits",
    "SessionDirectory",
    "SessionLockManager",
    "SessionRepository",
    "StoreHealth",
    "TurnQueue",
]
