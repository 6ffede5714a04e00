"""What the threads of a conversation work with."""

from collections.abc import Callable
from dataclasses import dataclass

from clients.api import AgentRuntimeApi
from clients.approving import Approver
from clients.client_calls import Executor
from clients.consent import Consent
from clients.pacing import Clock
from clients.problems import ApiProblem, ServerUnreachable


class Stopped(Exception):  # noqa: N818  # what the person did
    """The person does not wait for this turn any more."""


@dataclass(frozen=True)
class Tools:
    """What a run works with.

    Attributes:
        connect: Makes a client of the server, given what its waits go by and who hears of repeats.
        executor: Makes what executes calls, given who is asked about those that the server lets pass.
        approver: Makes what decides approvals, given who is asked and who hears that it did not count.
        stop: Ends a call that is being executed.
        clock: The machine's.
    """

    connect: Callable[[Clock, Callable[[str, ApiProblem | ServerUnreachable], None]], AgentRuntimeApi]
    executor: Callable[[Consent], Executor]
    approver: Callable[[Consent, Callable[[str], None]], Approver]
    stop: Callable[[], None]
    clock: Clock
