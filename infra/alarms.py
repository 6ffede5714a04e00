"""What wakes an operator: each alarm once, with what it means and what to do; `docs/errors.md` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.model.errors import StorageUnavailable
from domain.model.session import TurnErrorCode
from functions import metrics
from functions.metrics import Metric
from functions.runtime.problems import InternalError


class Source(StrEnum):
    """Where an alarm's figure comes from."""

    OURS = "one of our metrics"
    DEAD_ENDS = "every queue behind which nothing comes"
    TURNS = "the queue of turns"
    STREAM = "the function behind the table's stream"
    API = "the API's stage"
    MODELS = "every model of the deployment"


@dataclass(frozen=True)
class Alarm:
    """An alarm.

    Attributes:
        name: Ends the name it has in CloudWatch.
        source: Whose figure it is; there is one alarm for each.
        at_least: It rings when the figure of 5 minutes is not less.
        meaning: What happened.
        action: What to do.
        metric: Of ours, or as AWS names it.
        dimensions: Of ours.
        statistic: Over 5 minutes.
    """

    name: str
    source: Source
    at_least: float
    meaning: str
    action: str
    metric: Metric | str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"


def _ours(name: str, metric: Metric, at_least: float, meaning: str, action: str, **dimensions: str) -> Alarm:
    return Alarm(name, Source.OURS, at_least, meaning, action, metric, dimensions)


ALARMS: tuple[Alarm, ...] = (
    _ours(
        "defect",
        metrics.ERRORS,
        1,
        "A request, record or message met a defect of ours",
        "Find the `ERROR` lines, `defect`, `failed` or `poison record`, by correlation id; fix, deploy",
        code=InternalError.code,
    ),
    _ours(
        "storage-unavailable",
        metrics.ERRORS,
        5,
        "DynamoDB, S3 or SQS did not answer, or throttled, after every retry",
        "Look at AWS Health and the table's throttled requests; nothing needs repair, clients and queues repeat",
        code=StorageUnavailable.code,
    ),
    _ours(
        "model-unavailable",
        metrics.TURN_FAILURES,
        3,
        "Turns end without an answer, since no model gave one",
        "Read `status` in `LlmRequestFailed`; give the deployment a `model_fallback`, or repair key, access or quota",
        code=TurnErrorCode.MODEL_UNAVAILABLE.value,
    ),
    _ours(
        "turn-given-up",
        metrics.TURN_FAILURES,
        1,
        "A turn's workers died or failed again and again, and it was ended",
        "Find the session's lines by `correlation_id`; the user may send the message again",
        code=TurnErrorCode.TURN_FAILED.value,
    ),
    Alarm(
        "circuit-opened",
        Source.MODELS,
        1,
        "A model failed five times in a row; nobody calls it until it answers one trial call",
        "Look at the provider's status page; it closes by itself",
        metrics.MODEL_CIRCUIT,
        {"state": "opened"},
    ),
    Alarm(
        "dead-letters",
        Source.DEAD_ENDS,
        1,
        "Something was given up and waits for a person, 14 days",
        "Inspect and send again",
        "ApproximateNumberOfMessagesVisible",
        {},
        "Maximum",
    ),
    Alarm(
        "turns-wait",
        Source.TURNS,
        600,
        "A turn has been asked for 10 minutes ago and is not done (seconds)",
        "Compare `max_concurrency` and the account's Lambda concurrency with the queue's length",
        "ApproximateAgeOfOldestMessage",
        {},
        "Maximum",
    ),
    Alarm(
        "facts-late",
        Source.STREAM,
        60_000,
        "Commits wait a minute for the bus (milliseconds): turns start as much later",
        "Find the `ERROR` lines of the function; a record that cannot be read is parked after ten tries",
        "IteratorAge",
        {},
        "Maximum",
    ),
    Alarm(
        "server-errors",
        Source.API,
        0.01,
        "One request in a hundred is answered with a 5xx",
        "`errors_total` by code says which; none of ours: functions time out or are throttled",
        "5XXError",
        {},
        "Average",
    ),
)
