"""Lambda that works off a session's owed turns."""

from domain.commands.run_turn import RunTurnCommand
from functions.runtime.queue import Arrival, QueueFunction


def _command(arrival: Arrival) -> RunTurnCommand:
    event = arrival.event
    return RunTurnCommand(
        user=event.key.user,
        session_id=event.key.session_id,
        trace=event.effect_trace,
        holder=arrival.invocation_id,
        cover=arrival.message_id,
        receipt=arrival.receipt,
        seconds=arrival.seconds,
    )


handler = QueueFunction("run_turn", _command)
