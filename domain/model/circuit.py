"""The circuit between all workers and a model: closed while the model answers, open while it does not."""

from enum import StrEnum


class CircuitChange(StrEnum):
    """What a model call did to the circuit that all workers share."""

    OPENED = "opened"
    CLOSED = "closed"
