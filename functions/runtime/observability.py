"""What operators see of an invocation: one JSON line, its figures, its traces. Never text, arguments or secrets."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from traceback import walk_tb
from typing import Any

from aws_lambda_powertools.logging import Logger
from pydantic import ValidationError

from domain.model.errors import LostRace, Refusal, StorageUnavailable
from domain.ports import Clock
from functions import metrics
from functions.adapters.errors import AwsFailure, code_of
from functions.adapters.figures import Figures
from functions.adapters.invocation_line import InvocationLine
from functions.adapters.seam import IoSeam
from functions.runtime.problems import InternalError

SERVICE = "agent-runtime"
FAILED = "failed"
ANSWER_SECONDS = 3.0
"""Of an invocation's time, kept for saying how it ended, and for botocore's pause before a try that is not begun then,
2 s at most."""

logger = Logger(service=SERVICE)


class Observer:
    """Watches the invocations of one process.

    Attributes:
        figures: Of the invocation; written at its end.
    """

    def __init__(self, seam: IoSeam, clock: Clock, line: InvocationLine, figures: Figures) -> None:
        self._seam = seam
        self._clock = clock
        self._line = line
        self.figures = figures
        self._is_cold = True

    @contextmanager
    def invocation(self, function: str, context: Any) -> Iterator[dict[str, Any]]:
        """Log the block as one invocation of `function`, count it, and write what was counted during it.

        Args:
            function: Name of the catalog's row.
            context: As Lambda gives it; its request id connects the line with Lambda's own.

        Yields:
            Fields of the line; the block adds what it learns (`session_id`, `status`…) and the lock its fence. AWS
            requests sent and the duration are added at the end, also when the block raises.
        """
        fields = self._line.begin(function=function, request_id=context.aws_request_id, cold_start=self._is_cold)
        self._is_cold = False
        before = Counter(self._seam.requests)
        began = self._clock.monotonic()
        ends = began + context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS
        self._seam.seconds_left = lambda: ends - self._clock.monotonic()
        try:
            yield fields
        finally:
            self._seam.seconds_left = lambda: inf
            spent = self._seam.requests - before
            duration = self._clock.monotonic() - began
            line = {**fields, "io": dict(sorted(spent.items())), "duration_ms": round(duration * 1000)}
            logger.info("handled", extra=line)
            self._count(fields)

    def _count(self, fields: dict[str, Any]) -> None:
        status = str(fields.get("status") or fields.get("delivery") or FAILED)
        self.figures.add(metrics.REQUESTS, {"function": fields["function"], "status": status})
        if "code" in fields:
            self.figures.add(metrics.ERRORS, {"code": fields["code"]})
        self.figures.flush()


def log_error(message: str, error: Exception, fields: dict[str, Any]) -> None:
    """Log an error with where it came from: classes, codes and places, but no error's own words.

    Those may quote what was sent: botocore's repeat a parameter that does not fit, a `KeyError` is its key.
    """
    logger.error(message, extra={**fields, "exception_name": type(error).__name__, "causes": _causes(error)})


def _causes(error: BaseException | None) -> list[dict[str, Any]]:
    """Return `error` and what was behind it, each with the places it went through."""
    causes = []
    while error is not None:
        kind = type(error)
        frames = (
            f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(error.__traceback__)
        )
        causes.append({"error": f"{kind.__module__}.{kind.__qualname__}", "code": _code(error), "at": list(frames)})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return causes


def _code(error: BaseException) -> str | None:
    """Return what an error is called in a vocabulary that holds nobody's words: AWS's, Pydantic's, or our own."""
    if isinstance(error, AwsFailure):
        return code_of(error)
    if isinstance(error, ValidationError):
        return " ".join(sorted({fault["type"] for fault in error.errors(include_url=False, include_input=False)}))
    return error.code if isinstance(error, Refusal) else None


def error_code(error: Exception) -> str:
    """Return the stable code of an error: a refusal's own, or that of a defect.

    >>> error_code(KeyError("x"))
    'INTERNAL_ERROR'
    """
    if isinstance(error, LostRace):
        return StorageUnavailable.code
    return error.code if isinstance(error, Refusal) else InternalError.code
