"""Facts onto the bus."""

import json
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from domain.model.errors import TransientFailure
from domain.model.log import Event
from functions.adapters.aws import Aws
from functions.adapters.eventbridge.envelope import SOURCE, to_detail
from functions.adapters.retries import RetryHandler

BATCH = 10
"""Most entries of one PutEvents; a fact is under 2 KB, so ten are far below its 256 KB."""
RETRIES = 3
BASE_SECONDS = 0.2


class EventBridgePublisher:
    """Puts facts on the bus, ten at a time, and repeats those that were refused."""

    def __init__(self, aws: Aws, bus: str, retries: RetryHandler) -> None:
        # Made now, while Lambda starts.
        self._client = aws.client("events")
        self._bus = bus
        self._retries = retries

    def publish(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events that were refused every time; 1 request per ten events and try.

        A bus that takes nothing of one batch is not asked for the rest: the function's time would run out over it.
        """
        refused: list[Event] = []
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            left = self._publish_batch(batch)
            refused += left
            if len(left) == len(batch):
                return refused + list(events[start + BATCH :])
        return refused

    def _publish_batch(self, batch: Sequence[Event]) -> Sequence[Event]:
        left = list(batch)

        def put() -> None:
            left[:] = self._refused(left)
            if left:
                raise TransientFailure(f"The bus refused {len(left)} events.", is_retryable=True)

        try:
            self._retries.with_exponential_backoff(put, max_retries=RETRIES, base_seconds=BASE_SECONDS)
        except TransientFailure:
            return left
        return []

    def _refused(self, events: Sequence[Event]) -> list[Event]:
        entries = [
            {
                "EventBusName": self._bus,
                "Source": SOURCE,
                "DetailType": event.fact.type_name(),
                "Time": event.occurred_at,
                "Detail": json.dumps(to_detail(event), separators=(",", ":")),
            }
            for event in events
        ]
        try:
            answer = self._client.put_events(Entries=entries)
        except (ClientError, BotoCoreError):
            return list(events)
        # Half an answer names fewer: an event that is not said to be taken is put again.
        taken = {place for place, entry in enumerate(answer.get("Entries", ())) if entry.get("EventId")}
        return [event for place, event in enumerate(events) if place not in taken]
