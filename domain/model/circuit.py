"""The circuit between all workers and a model: closed while the model answers, open while it does not."""

from enum import StrEnum

from domain.model.value import Value


class CircuitChange(StrEnum):
    """What a model call did to the circuit that all workers share."""

    OPENED = "opened"
    CLOSED = "closed"


class FailedModel(Value):
    """A model that was asked first and could not answer, so that another was asked.

    Attributes:
        status: In the words of `ModelFailure`.
        circuit: What its tries did to its circuit, in order.
    """

    model: str
    status: str
    circuit: tuple[CircuitChange, ...] = ()
