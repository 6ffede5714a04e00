"""A queue of facts: each message becomes a command of the subscriber that asked for the fact."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from domain.commands.run_turn import Delivery
from domain.cqrs import Command
from domain.model.log import Event
from functions.adapters.eventbridge.envelope import from_envelope
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import invocation, logger


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


class MustComeBack(Exception):  # noqa: N818  # tells the batch processor, no error was made
    """The message has not done its duty yet."""


class QueueFunction(RuntimeFunction):
    """Handles one message at a time; what fails is reported as failed, since a raised error pauses the whole queue."""

    def __init__(self, name: str, to_command: Callable[[Arrival], Command]) -> None:
        self._to_command = to_command
        super().__init__(name)

    def __call__(self, event: Mapping[str, Any], context: Any) -> Any:
        """Return which messages must be delivered again."""

        def handle(record: SQSRecord) -> None:
            self._handle(record, context)

        # One processor per call: a processor keeps its results, and a warm worker serves many.
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(dict(event), record_handler=handle, processor=processor, context=context)

    def _handle(self, record: SQSRecord, context: Any) -> None:
        with invocation(self.row.name, self.seam, self.clock) as line:
            line["message_id"] = record.message_id
            try:
                arrival = Arrival(
                    event=from_envelope(json.loads(record.body)),
                    message_id=record.message_id,
                    receipt=record.receipt_handle,
                    invocation_id=context.aws_request_id,
                    seconds=context.get_remaining_time_in_millis() / 1000,
                )
                line |= {
                    "session_id": arrival.event.key.session_id,
                    "user": arrival.event.key.user,
                    "correlation_id": arrival.event.trace.correlation_id,
                    "causation_id": arrival.event.event_id,
                }
                delivery = self.registry.execute_command(self._to_command(arrival))
            except Exception:
                logger.exception("failed", extra=line)
                raise
            line["delivery"] = delivery.value
        if delivery is Delivery.COMES_BACK:
            raise MustComeBack
