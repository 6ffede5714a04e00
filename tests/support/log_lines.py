"""What functions log, read as their operators read it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from functions.runtime.observability import SERVICE, logger


class LogLines:
    """Lines logged so far."""

    def __init__(self, stream: StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        """Everything as it was written."""
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line, oldest first."""
        return [json.loads(line) for line in self.text.splitlines()]

    def only(self, message: str) -> dict[str, Any]:
        """Return the one line whose message is `message`."""
        (line,) = (line for line in self.lines if line["message"] == message)
        return line


@contextmanager
def logged() -> Iterator[LogLines]:
    """Collect what the functions' logger writes inside the block, in its own format."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logger.registered_formatter)
    plain = logging.getLogger(SERVICE)
    plain.addHandler(handler)
    try:
        yield LogLines(stream)
    finally:
        plain.removeHandler(handler)
