"""One JSON line per invocation: who, what, how it ended, what it cost. Never text, arguments or secrets."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger

from functions.adapters.seam import IoSeam

SERVICE = "agent-runtime"

logger = Logger(service=SERVICE)


@contextmanager
def invocation(function: str, seam: IoSeam, clock: Any) -> Iterator[dict[str, Any]]:
    """Log the block as one invocation of `function`.

    Yields:
        Fields of the line; the block adds what it learns (`session_id`, `status`…). AWS requests sent and the
        duration are added at the end, also when the block raises.
    """
    fields: dict[str, Any] = {"function": function}
    before = Counter(seam.requests)
    began = clock.monotonic()
    try:
        yield fields
    finally:
        spent = seam.requests - before
        logger.info(
            "handled",
            extra={
                **fields,
                "io": dict(sorted(spent.items())),
                "duration_ms": round((clock.monotonic() - began) * 1000),
            },
        )
