"""A schedule: each tick becomes a command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.cqrs import Command
from domain.model.value import CorrelationId, Trace
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import error_code, log_error


@dataclass(frozen=True)
class Tick:
    """One invocation of a schedule.

    Attributes:
        trace: Begins here: the id of the schedule's event is the correlation id of whatever follows.
        seconds: Until Lambda ends the invocation.
    """

    trace: Trace
    seconds: float


class ScheduledFunction(RuntimeFunction):
    """Does its work at each tick; a failure is logged and raised to Lambda, which tries twice more, then next time."""

    def __init__(self, name: str, to_command: Callable[[Tick], Command]) -> None:
        self._to_command = to_command
        super().__init__(name)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Return what the work came to."""
        with self.observer.invocation(self.row.name, context) as line:
            tick = Tick(
                trace=Trace(correlation_id=CorrelationId(event["id"])),
                seconds=context.get_remaining_time_in_millis() / 1000,
            )
            line["correlation_id"] = tick.trace.correlation_id
            try:
                answer = self.registry.execute_command(self._to_command(tick))
            except Exception as error:
                log_error("failed", error, line)
                line["code"] = error_code(error)
                raise
            done: dict[str, Any] = answer.model_dump(mode="json")
            line.update(done, status="done")
            return done
