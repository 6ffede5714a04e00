"""A queue of facts: each message becomes a command of the subscriber that asked for the fact."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.commands.run_turn import Delivery
from domain.cqrs import Command
from domain.model.log import Event
from functions.adapters.eventbridge.envelope import from_envelope
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import error_code, log_error


@dataclass(frozen=True)
class Arrival:
    """A fact as it came out of a queue.

    Attributes:
        message_id: Of the queue message; the same each time it is delivered.
        receipt: Of this delivery.
        invocation_id: Unique per invocation.
        seconds: Until Lambda ends the invocation.
    """

    event: Event
    message_id: str
    receipt: str
    invocation_id: str
    seconds: float


class QueueFunction(RuntimeFunction):
    """Handles one message at a time; what fails is reported as failed, since a raised error pauses the whole queue."""

    def __init__(self, name: str, to_command: Callable[[Arrival], Command]) -> None:
        self._to_command = to_command
        super().__init__(name)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Return which messages must be delivered again."""
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]}
                for record in event["Records"]
                if self._deliver(record, context) is Delivery.COMES_BACK
            ]
        }

    def _deliver(self, record: Mapping[str, Any], context: Any) -> Delivery:
        with self.observer.invocation(self.row.name, context) as line:
            line["message_id"] = record["messageId"]
            try:
                arrival = _arrival(record, context)
                line |= {
                    "session_id": arrival.event.key.session_id,
                    "user": arrival.event.key.user,
                    "correlation_id": arrival.event.trace.correlation_id,
                    "causation_id": arrival.event.event_id,
                }
                delivery: Delivery = self.registry.execute_command(self._to_command(arrival))
            except Exception as error:  # noqa: BLE001  # reported to the queue, which delivers again
                log_error("failed", error, line)
                line["code"] = error_code(error)
                return Delivery.COMES_BACK
            line["delivery"] = delivery.value
            return delivery


def _arrival(record: Mapping[str, Any], context: Any) -> Arrival:
    return Arrival(
        event=from_envelope(json.loads(record["body"])),
        message_id=record["messageId"],
        receipt=record["receiptHandle"],
        invocation_id=context.aws_request_id,
        seconds=context.get_remaining_time_in_millis() / 1000,
    )
