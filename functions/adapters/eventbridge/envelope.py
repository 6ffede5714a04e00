"""Events on the bus: the envelope, written and read here only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.model.events import FACTS
from domain.model.log import Event
from domain.model.value import CorrelationId, EventId, SessionKey, Trace, UserId

SOURCE = "agent-runtime"
VERSION = 1


def to_detail(event: Event) -> dict[str, Any]:
    """Return `event` as an EventBridge `detail`: metadata and the fact's data, never text, arguments or results."""
    return {
        "metadata": {
            "event_id": event.event_id,
            "session_id": event.key.session_id,
            "user": event.key.user,
            "seq": event.seq,
            "turn": event.turn,
            "category": event.fact.category.value,
            "priority": event.fact.priority,
            "correlation_id": event.trace.correlation_id,
            "causation_id": event.trace.causation_id,
            "occurred_at": event.occurred_at.isoformat(timespec="milliseconds"),
            "version": VERSION,
        },
        "data": event.fact.model_dump(mode="json", exclude_none=True),
    }


def from_envelope(envelope: Mapping[str, Any]) -> Event:
    """Return the event in an EventBridge event, without its message, which stays in the log.

    Raises:
        KeyError, ValueError: not an envelope of ours.
    """
    metadata, data = envelope["detail"]["metadata"], envelope["detail"]["data"]
    incarnation, _, _ = metadata["event_id"].rpartition(":")
    return Event(
        key=SessionKey(user=UserId(metadata["user"]), session_id=metadata["session_id"]),
        incarnation=incarnation,
        seq=metadata["seq"],
        turn=metadata["turn"],
        occurred_at=datetime.fromisoformat(metadata["occurred_at"]),
        trace=Trace(
            correlation_id=CorrelationId(metadata["correlation_id"]),
            causation_id=EventId(metadata["causation_id"]) if metadata["causation_id"] else None,
        ),
        fact=FACTS[envelope["detail-type"]].model_validate(data),
    )
