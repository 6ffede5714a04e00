"""What the domain tells about the service as a whole."""

from typing import Protocol

from domain.model.agent import AgentType
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed
from domain.model.session import TurnErrorCode


class MetricsCollector(Protocol):
    """Figures of the service as a whole. Nothing here takes a user, a session or text; durations are in seconds."""

    def record_agent_switch(
        self, from_agent: AgentType, to_agent: AgentType, confidence: float | None, duration: float
    ) -> None:
        """Count a switch with how sure whoever decided was, if they said, and how long deciding took."""
        ...

    def record_turn(self, step: str, code: TurnErrorCode | None = None) -> None:
        """Count a step of a turn, `started` or `completed` say; with the code of one that failed."""
        ...

    def record_turn_duration(self, step: str, duration: float) -> None:
        """Take how long the step of a turn was waited for, since its work was asked for."""
        ...

    def record_model_call(self, call: LlmRequestCompleted | LlmRequestFailed) -> None:
        """Count a model call with all that it cost."""
        ...

    def record_model_circuit(self, model: str, state: str) -> None:
        """Count a change of a model's circuit, `opened` or `closed`."""
        ...

    def record_lock_taken(self, waited: float) -> None:
        """Take how long the lock was waited for."""
        ...

    def record_lock_held(self, duration: float) -> None:
        """Take how long the lock was held."""
        ...

    def record_lock_contention(self) -> None:
        """Count a taker who found the lock held."""
        ...

    def record_lock_lost(self) -> None:
        """Count a holder whose lease ran out unreleased."""
        ...

    def record_conflict(self, *, is_fenced: bool) -> None:
        """Count a refused commit: the session had changed, or was no longer the writer's."""
        ...
