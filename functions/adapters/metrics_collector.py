"""What the domain measures, under the names of the catalog of metrics."""

from domain.model.agent import AgentType
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed
from domain.model.session import TurnErrorCode
from functions import metrics
from functions.adapters.figures import Figures
from functions.adapters.invocation_line import InvocationLine

MILLISECONDS = 1000


class EmfMetricsCollector:
    """Adds to the invocation's figures, which are written at its end."""

    def __init__(self, figures: Figures, line: InvocationLine) -> None:
        self._figures = figures
        self._line = line

    def record_agent_switch(
        self, from_agent: AgentType, to_agent: AgentType, confidence: float | None, duration: float
    ) -> None:
        """Add one switch, its confidence when there is one, and its duration."""
        agents = {"from_agent": from_agent.value, "to_agent": to_agent.value}
        self._figures.add(metrics.AGENT_SWITCHES, agents)
        self._figures.add(metrics.AGENT_SWITCH_DURATION, agents, duration * MILLISECONDS)
        if confidence is not None:
            self._figures.add(metrics.AGENT_SWITCH_CONFIDENCE, agents, confidence)

    def record_turn(self, step: str, code: TurnErrorCode | None = None) -> None:
        """Add one step, and one failure when there is a code."""
        self._figures.add(metrics.TURNS, {"step": step})
        if code is not None:
            self._figures.add(metrics.TURN_FAILURES, {"code": code.value})

    def record_turn_duration(self, step: str, duration: float) -> None:
        """Add the duration under its step."""
        self._figures.add(metrics.TURN_DURATION, {"step": step}, duration * MILLISECONDS)

    def record_model_call(self, call: LlmRequestCompleted | LlmRequestFailed) -> None:
        """Add one call; tokens and price of one that was answered."""
        outcome = "completed" if isinstance(call, LlmRequestCompleted) else "failed"
        labels = {"model": call.model, "purpose": call.purpose, "outcome": outcome}
        self._figures.add(metrics.MODEL_CALLS, labels)
        self._figures.add(metrics.MODEL_CALL_DURATION, labels, call.duration_ms)
        self._figures.add(metrics.MODEL_ATTEMPTS, labels, call.attempt)
        if call.instead_of:
            self._figures.add(metrics.MODEL_CALLS, labels | {"model": call.instead_of, "outcome": "failed"})
        if isinstance(call, LlmRequestCompleted):
            self._figures.add(metrics.MODEL_INPUT_TOKENS, labels, call.input_tokens)
            self._figures.add(metrics.MODEL_OUTPUT_TOKENS, labels, call.output_tokens)
            if call.cost_micro_usd is not None:
                self._figures.add(metrics.MODEL_COST, labels, call.cost_micro_usd)

    def record_model_circuit(self, model: str, state: str) -> None:
        """Add one change."""
        self._figures.add(metrics.MODEL_CIRCUIT, {"model": model, "state": state})

    def record_lock_taken(self, waited: float) -> None:
        """Add the wait under the function that works."""
        self._figures.add(metrics.LOCK_WAIT, self._function, waited * MILLISECONDS)

    def record_lock_held(self, duration: float) -> None:
        """Add the duration, as above."""
        self._figures.add(metrics.LOCK_HOLD, self._function, duration * MILLISECONDS)

    def record_lock_contention(self) -> None:
        """Add one, as above."""
        self._figures.add(metrics.LOCK_CONTENTION, self._function)

    def record_lock_lost(self) -> None:
        """Add one, as above."""
        self._figures.add(metrics.LOCK_LOST, self._function)

    def record_conflict(self, *, is_fenced: bool) -> None:
        """Add one, as above."""
        refused = metrics.FENCED_COMMITS if is_fenced else metrics.COMMIT_CONFLICTS
        self._figures.add(refused, self._function)

    @property
    def _function(self) -> dict[str, str]:
        return {"function": self._line.function}
