"""What befalls one invocation at one of its requests: it is killed, left without an answer, or paused."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from threading import current_thread
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from domain.model.errors import ModelFailure, StorageUnavailable
from functions.adapters.aws import Aws
from functions.adapters.models.resilient import OPERATION as MODEL
from functions.adapters.seam import IoSeam, Phase
from tests.faults.crashes.neighbours import Neighbours
from tests.support.dynamodb import quick
from tests.support.fakes import WorkerKilled
from tests.support.stepped import AtRequest, stop_at

_NOBODY_LISTENS = "http://127.0.0.1:1"


class Mode(StrEnum):
    """What happens at a request."""

    KILLED_BEFORE = "killed-before"
    """The worker's process ends, and nothing was sent."""
    KILLED_AFTER = "killed-after"
    """The service did what was asked, and the worker's process ends without having heard."""
    UNANSWERED = "unanswered"
    """The service did it; the worker lives, and hears of a timeout when the SDK has given up."""
    REPEATED = "repeated"
    """The service did it; the SDK, which did not hear, asks once more, and is answered."""
    PAUSED_BEFORE = "paused-before"
    """The worker stands still before it sends, for longer than its lease, and goes on."""
    PAUSED_AFTER = "paused-after"
    """It stands still when the service has answered, and goes on with what it was told so long ago."""


PAUSES = frozenset({Mode.PAUSED_BEFORE, Mode.PAUSED_AFTER})


class Fate:
    """Numbers the requests of one invocation, and strikes at one of them.

    Attributes:
        operations: Requests so far, in order; the first is number 1.
        has_struck: Whether the invocation came to that point.
    """

    def __init__(self, mode: Mode = Mode.KILLED_BEFORE, at: int = 0, *, operation: str | None = None) -> None:
        """Strike at request number `at`, or at the first of that operation; everything passes without either."""
        self.operations: list[str] = []
        self.has_struck = False
        self._mode = mode
        self._at = at
        self._operation = operation
        self._is_dead = False
        self._open: list[int] = []

    def meet(self, phase: Phase, operation: str) -> None:
        """Take note of a request's beginning or end.

        Raises:
            WorkerKilled: this is where it ends, or it has ended before.
            ReadTimeoutError, ModelFailure: no answer came.
        """
        if self._is_dead:
            raise WorkerKilled
        number = self._number(phase, operation)
        if number != self._at or self.has_struck:
            return
        match self._mode, phase is Phase.BEFORE:
            case (Mode.KILLED_BEFORE, True) | (Mode.KILLED_AFTER, False):
                self.has_struck = self._is_dead = True
                raise WorkerKilled
            case (Mode.PAUSED_BEFORE, True) | (Mode.PAUSED_AFTER, False):
                self.has_struck = True
                stop_at(AtRequest(operation))
            case Mode.UNANSWERED, False:
                self.has_struck = True
                # What failed by itself has no answer that could get lost.
                if phase is Phase.AFTER:
                    raise _unanswered(operation)

    def loses_answer(self) -> bool:
        """Return whether the answer to the request that is being sent gets lost, this once."""
        is_lost = self._mode is Mode.REPEATED and bool(self._open) and self._open[-1] == self._at
        is_first = is_lost and not self.has_struck
        self.has_struck |= is_lost
        return is_first

    def _number(self, phase: Phase, operation: str) -> int:
        if phase is not Phase.BEFORE:
            return self._open.pop()
        self.operations.append(operation)
        if operation == self._operation:
            self._at, self._operation = len(self.operations), None
        self._open.append(len(self.operations))
        return len(self.operations)


FATE: ContextVar[Fate | None] = ContextVar("fate", default=None)
"""Of the invocation that runs in this thread; None for whoever looks on."""


def told(phase: Phase, operation: str) -> None:
    """Tell the fate of the running invocation of a request; listens at the seam.

    Threads beat by the machine's clock, so what they ask never arrives; the world's clock beats in their place.

    Raises:
        StorageUnavailable: such a thread asked.
    """
    fate = FATE.get()
    if fate:
        fate.meet(phase, operation)
    elif current_thread().name == "heartbeat":
        raise StorageUnavailable(retry_after_seconds=1)


@dataclass(frozen=True)
class Struck:
    """How an invocation ended.

    Attributes:
        result: What it returned; None when it was killed.
        was_killed: Whether it came to no end of its own.
    """

    result: Any
    was_killed: bool


def suffer(fate: Fate, function: Callable[[], Any]) -> Struck:
    """Let a function run under a fate."""
    token = FATE.set(fate)
    try:
        return Struck(function(), was_killed=False)
    except WorkerKilled:
        return Struck(None, was_killed=True)
    finally:
        FATE.reset(token)


class FatefulAws(Aws):
    """The real clients; DynamoDB answers itself, everybody else is `neighbours`, and answers can be lost."""

    def __init__(self, seam: IoSeam, neighbours: Neighbours) -> None:
        super().__init__(seam)
        self._neighbours = neighbours
        quick(self._own_session())

    def client(self, service: str, *, config: Config | None = None) -> Any:
        """Return the client of `service`, whose repeats wait for nobody."""
        is_new = not any(made == service for made, _ in self._clients)
        client = super().client(service, config=config)
        if is_new:
            events = client.meta.events
            events.register("before-send", self._send)
            events.register_first(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", _repeat_at_once)
        return client

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        service, operation = event_name.split(".")[1:]
        fate = FATE.get()
        is_lost = fate is not None and fate.loses_answer()
        if service == "dynamodb":
            if not is_lost:
                return None
            answer = URLLib3Session(timeout=5).send(request)
        else:
            answer = self._neighbours.answer(service, operation, request)
        if is_lost:
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer


def _repeat_at_once(attempts: int, caught_exception: Exception | None, **_: Any) -> float | None:
    # As botocore decides by itself, but for the wait.
    return 0.0 if isinstance(caught_exception, ReadTimeoutError) and attempts < 3 else None


def _unanswered(operation: str) -> Exception:
    if operation == MODEL:
        return ModelFailure("No answer came.", status="timeout", is_retryable=True)
    return ReadTimeoutError(endpoint_url=_NOBODY_LISTENS)
