"""X-Ray: a subsegment for every call that leaves the process.

Imported only where tracing is on, since it makes a start longer. The SDK patches nothing: the seam sees every call.
"""

from typing import Any

from aws_lambda_powertools.tracing import Tracer

from functions.adapters.invocation_line import InvocationLine
from functions.adapters.seam import IoSeam, Phase

ANNOTATED = ("function", "correlation_id", "session_id")
"""What traces can be searched for."""


class CallTraces:
    """Opens a subsegment before a call and closes it after, with what is known of the invocation as annotations.

    Args:
        recorder: X-Ray's, which knows the invocation's segment from the environment that Lambda sets.
        line: Of the invocation.
    """

    def __init__(self, recorder: Any, line: InvocationLine) -> None:
        self._recorder = recorder
        self._line = line

    def __call__(self, phase: Phase, operation: str) -> None:
        """Follow one operation; a listener of the seam."""
        if phase is Phase.BEFORE:
            self._open(operation)
            return
        subsegment = self._recorder.current_subsegment()
        if subsegment and phase is Phase.FAILED:
            subsegment.add_fault_flag()
        self._recorder.end_subsegment()

    def _open(self, operation: str) -> None:
        subsegment = self._recorder.begin_subsegment(operation, namespace="remote")
        if subsegment:
            for name in ANNOTATED:
                if value := self._line.fields.get(name):
                    subsegment.put_annotation(name, value)


def trace_calls(seam: IoSeam, line: InvocationLine) -> None:
    """Let every call be traced from now on, unless Powertools says that nobody listens.

    Nobody does outside Lambda and when `POWERTOOLS_TRACE_DISABLED` is set.
    """
    tracer = Tracer(auto_patch=False)
    if not tracer.disabled:
        seam.listen(CallTraces(tracer.provider, line))
