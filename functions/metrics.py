"""Every metric there is: name, unit, dimensions. Adapters write them, `docs/operations.md` lists them.

A dimension takes few values: AWS bills each combination as a metric of its own. No user and no session is ever one.
"""

from dataclasses import dataclass
from enum import StrEnum

NAMESPACE = "AgentRuntime"


class Unit(StrEnum):
    """Units as CloudWatch names them."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    NONE = "None"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        dimensions: Each value of the metric names all of them.
        meaning: What one value says.
    """

    name: str
    unit: Unit
    dimensions: tuple[str, ...]
    meaning: str


_FUNCTION = ("function",)
_CALL = ("model", "purpose", "outcome")
_SWITCH = ("from_agent", "to_agent")

REQUESTS = Metric(
    "requests_total",
    Unit.COUNT,
    ("function", "status"),
    "An invocation, or a queue message in one: HTTP status, or `done`, `comes_back`, `failed`",
)
ERRORS = Metric("errors_total", Unit.COUNT, ("code",), "A refusal or failure by its code; `INTERNAL_ERROR` is a defect")

TURNS = Metric(
    "turns_total",
    Unit.COUNT,
    ("step",),
    "A turn `started`, is `waiting` for the client, `completed`, `failed`, was `cancelled` or `recovered` from a crash",
)
TURN_FAILURES = Metric("turn_failures_total", Unit.COUNT, ("code",), "A turn failed with this code")
TURN_DURATION = Metric(
    "turn_duration",
    Unit.MILLISECONDS,
    ("step",),
    "From the fact that asked for work until the turn was `completed`, `waiting` or `failed`, queues included",
)

MODEL_CALLS = Metric(
    "model_calls_total", Unit.COUNT, _CALL, "A model call ended: purpose `route` or `answer`, `completed` or `failed`"
)
MODEL_CALL_DURATION = Metric("model_call_duration", Unit.MILLISECONDS, _CALL, "How long it took, repeats included")
MODEL_ATTEMPTS = Metric("model_attempts", Unit.COUNT, _CALL, "Tries it took, from 1")
MODEL_INPUT_TOKENS = Metric("model_input_tokens", Unit.COUNT, _CALL, "Tokens read in an answered call")
MODEL_OUTPUT_TOKENS = Metric("model_output_tokens", Unit.COUNT, _CALL, "Tokens written in an answered call")
MODEL_COST = Metric(
    "model_cost", Unit.NONE, _CALL, "List price of an answered call in millionths of a US dollar, where it is known"
)

MODEL_CIRCUIT = Metric(
    "model_circuit_changes_total",
    Unit.COUNT,
    ("model", "state"),
    "The model failed too often and nobody calls it (`opened`), or answered again (`closed`)",
)

AGENT_SWITCHES = Metric("agent_switches_total", Unit.COUNT, _SWITCH, "Another agent took over")
AGENT_SWITCH_CONFIDENCE = Metric(
    "agent_switch_confidence", Unit.NONE, _SWITCH, "How sure whoever decided was, 0 to 1, where they said"
)
AGENT_SWITCH_DURATION = Metric(
    "agent_switch_duration", Unit.MILLISECONDS, _SWITCH, "Model time behind the decision; 0 when a person decided"
)

LOCK_WAIT = Metric("lock_wait", Unit.MILLISECONDS, _FUNCTION, "From asking for a session's lock to having it")
LOCK_HOLD = Metric("lock_hold", Unit.MILLISECONDS, _FUNCTION, "From having a session's lock to the end of the work")
LOCK_CONTENTION = Metric("lock_contention_total", Unit.COUNT, _FUNCTION, "Somebody else held the session's lock")
LOCK_LOST = Metric(
    "lock_lost_total",
    Unit.COUNT,
    _FUNCTION,
    "A lease ran out unreleased: its holder died or slept; its successor says so",
)

COMMIT_CONFLICTS = Metric(
    "commit_conflicts_total",
    Unit.COUNT,
    _FUNCTION,
    "A commit found the session changed; it is decided anew and retried",
)
FENCED_COMMITS = Metric(
    "fenced_commits_total", Unit.COUNT, _FUNCTION, "A commit of a worker that had lost the session was refused"
)

EVENTS_PUBLISHED = Metric("events_published_total", Unit.COUNT, _FUNCTION, "Facts that the bus took")
COMMITS_PARKED = Metric(
    "commits_parked_total", Unit.COUNT, _FUNCTION, "Commits of which the bus did not take every fact; parked by key"
)

METRICS = tuple(value for value in tuple(globals().values()) if isinstance(value, Metric))
"""All of them, in the order above."""
