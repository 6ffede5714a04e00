"""The one place that all I/O of a function passes: counted here, and watched by faults and traces."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from math import inf
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

CONNECT_SECONDS = 1
READ_SECONDS = 2
TRY_SECONDS = CONNECT_SECONDS + READ_SECONDS
"""How long one try of a request lasts at most, while its answer does not come in drops."""


class Phase(StrEnum):
    """When a listener is called."""

    BEFORE = "before"
    AFTER = "after"
    FAILED = "failed"
    """No answer came; a refusal of the service is an answer."""


Listener = Callable[[Phase, str], None]
"""Told the phase and the operation, `dynamodb.UpdateItem` say; may raise, which ends the call as a crash would."""


class OutOfTimeError(BotoCoreError):
    """A try was not begun that might have outlasted the invocation."""

    fmt = "Too little time is left for {operation}."


class IoSeam:
    """Counts what goes out and tells listeners.

    Attributes:
        requests: HTTP requests sent, retries included, by `service.Operation`.
        seconds_left: How long the invocation may still wait for neighbours; a try that may take longer is not begun,
            so that a function answers for itself before Lambda ends it.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.seconds_left: Callable[[], float] = lambda: inf
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` before and after every operation from now on; each `BEFORE` has one `AFTER` or `FAILED`."""
        self._listeners.append(listener)

    def attach(self, session: Session) -> None:
        """Watch every client that `session` makes from now on."""
        session.register("before-call.*.*", self._before_call)
        session.register("before-send.*.*", self._before_send)
        session.register("after-call.*.*", self._after_call)
        session.register("after-call-error.*.*", self._call_failed)

    def tell(self, phase: Phase, operation: str) -> None:
        """Tell listeners of an operation that is no AWS call, a model's answer say."""
        for listener in self._listeners:
            listener(phase, operation)

    def _before_call(self, **call: Any) -> None:
        self.tell(Phase.BEFORE, _name(call["model"]))

    def _after_call(self, **call: Any) -> None:
        self.tell(Phase.AFTER, _name(call["model"]))

    def _call_failed(self, **call: Any) -> None:
        self.tell(Phase.FAILED, call["event_name"].removeprefix("after-call-error."))

    def _before_send(self, **call: Any) -> None:
        operation = call["event_name"].removeprefix("before-send.")
        if self.seconds_left() < TRY_SECONDS:
            raise OutOfTimeError(operation=operation)
        self.requests[operation] += 1


def _name(model: Any) -> str:
    # As botocore names its events, so that all hooks say the same: `eventbridge`, where its client is called `events`.
    return f"{model.service_model.service_id.hyphenize()}.{model.name}"
