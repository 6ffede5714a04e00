"""Figures that follow from facts: what the log is told is counted."""

from collections.abc import Sequence
from datetime import datetime

from domain.model.change import Commit
from domain.model.events.agent import AgentSwitched
from domain.model.events.base import Fact
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed, ModelCircuitClosed, ModelCircuitOpened
from domain.model.events.system import LockLost
from domain.model.events.turn import (
    TurnCancelled,
    TurnCompleted,
    TurnFailed,
    TurnReason,
    TurnRecovered,
    TurnRequested,
    TurnStarted,
    TurnWaiting,
)
from domain.model.log import Event
from domain.ports import MetricsCollector

PAUSES = (TurnCompleted, TurnWaiting, TurnFailed)
"""What a user waits for: the answer, a question back, or the news that there is none."""
STEPS = (TurnStarted, *PAUSES, TurnCancelled, TurnRecovered)


def measure(commit: Commit, metrics: MetricsCollector) -> None:
    """Record what the facts of a commit tell; call it once, after the commit was written."""
    facts = [event.fact for event in commit.events]
    for fact in facts:
        match fact:
            case LlmRequestCompleted() | LlmRequestFailed():
                metrics.record_model_call(fact)
            case AgentSwitched():
                metrics.record_agent_switch(fact.from_agent, fact.to_agent, fact.confidence, _deciding_took(facts))
            case ModelCircuitOpened() | ModelCircuitClosed():
                metrics.record_model_circuit(fact.model, _step(fact, "ModelCircuit"))
            case LockLost():
                metrics.record_lock_lost()
            case TurnFailed():
                metrics.record_turn(_step(fact), fact.code)
            case _ if isinstance(fact, STEPS):
                metrics.record_turn(_step(fact))


def measure_durations(commit: Commit, earlier: Sequence[Event], metrics: MetricsCollector) -> None:
    """Record how long a commit that ends or pauses a turn was waited for.

    Args:
        commit: As it was written.
        earlier: Events of the turn before it; what asked for the work is among them, or nothing is recorded.
        metrics: Takes the figures.
    """
    for event in commit.events:
        if isinstance(event.fact, PAUSES) and (asked_at := _asked_at(earlier, event.turn)):
            metrics.record_turn_duration(_step(event.fact), (event.occurred_at - asked_at).total_seconds())


def _deciding_took(facts: Sequence[Fact]) -> float:
    """Return the seconds of the model calls behind a switch; 0 when a person decided."""
    calls = (fact for fact in facts if isinstance(fact, LlmRequestCompleted | LlmRequestFailed))
    return sum(call.duration_ms for call in calls) / 1000


def _asked_at(events: Sequence[Event], turn: int) -> datetime | None:
    """Return when the newest work of `turn` was asked for; handing over asks for nothing new."""
    asked = (
        event.occurred_at
        for event in events
        if event.turn == turn and isinstance(event.fact, TurnRequested) and event.fact.reason != TurnReason.HAND_OVER
    )
    return max(asked, default=None)


def _step(fact: Fact, subject: str = "Turn") -> str:
    return fact.type_name().removeprefix(subject).lower()
