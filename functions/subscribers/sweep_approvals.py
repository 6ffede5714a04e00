"""Lambda that looks for approvals whose time is over."""

from domain.commands.sweep_approvals import SweepApprovalsCommand
from functions.runtime.schedule import ScheduledFunction, Tick


def _command(tick: Tick) -> SweepApprovalsCommand:
    return SweepApprovalsCommand(trace=tick.trace, seconds=tick.seconds)


handler = ScheduledFunction("sweep_approvals", _command)
