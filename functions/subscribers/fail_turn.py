"""Lambda behind the dead letters of run_turn."""

from domain.commands.fail_turn import FailTurnCommand
from functions.runtime.queue import Arrival, QueueFunction


def _command(arrival: Arrival) -> FailTurnCommand:
    event = arrival.event
    return FailTurnCommand(
        user=event.key.user,
        session_id=event.key.session_id,
        trace=event.effect_trace,
        turn=event.turn,
        holder=arrival.invocation_id,
    )


handler = QueueFunction("fail_turn", _command)
