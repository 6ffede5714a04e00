"""What AWS would bill for a thousand turns, and what would stop them first: budgets, the catalog, prices, quotas."""

from dataclasses import dataclass

from domain.model.lock import RENEWAL_SECONDS
from domain.queries.list_events import POLL_SECONDS
from functions.catalog import Queue, row
from infra.constructs.rest_api import RATE_PER_SECOND
from tests.benchmarks.markdown import markdown_table
from tests.support.budgets import BUDGETS
from tests.support.metering import Cost

MODEL_SECONDS = 5.0
"""Assumed of a model call."""

HANDLER_SECONDS = 0.02
"""Assumed of everything else that a warm function does."""

STEPS = (
    "AddMessage",
    "turn that opens two calls",
    "AddToolResult that gives the turn back",
    "turn that goes on after results",
)
"""Budgets of the turn that is estimated, one commit each: a question, a call, its result, an answer."""

CALL_UNITS = 2
"""Of the second call, which this turn has not."""

FACTS = 13
"""That such a turn publishes; a test counts them."""

COMMITS, ROUNDS, COMMANDS, PAGES = len(STEPS), 2, 2, 4
"""Pages of events are those that the waiting client is given."""

BUSY_SECONDS = ROUNDS * MODEL_SECONDS
RENEWALS = int(BUSY_SECONDS / RENEWAL_SECONDS)
POLLS = int(BUSY_SECONDS / POLL_SECONDS)
INVOCATIONS = COMMANDS + PAGES + COMMITS + ROUNDS
QUEUE_REQUESTS = ROUNDS * 4 + RENEWALS
"""Sent, received, hidden, deleted; hidden again with each renewal."""

LINE_BYTES = 1500
"""Of an invocation's log: its line, its metrics, and Lambda's own."""


def turn_cost() -> Cost:
    """Return what a turn costs on DynamoDB by the budgets: renewals and the waiting client apart.

    Reads are at most these: a model reads its history, and the budgets' sessions have 1000 events.
    """
    costs = {budget.operation: budget.cost for budget in BUDGETS}
    steps = [costs[step] for step in STEPS]
    units = sum(step.units for step in steps) - CALL_UNITS
    return Cost(sum(step.requests for step in steps), units, sum(step.reads for step in steps))


WRITES = turn_cost().units + RENEWALS
READS = turn_cost().reads + POLLS
HEAD_WRITES = 2 * COMMITS + ROUNDS + RENEWALS
"""Of the write units, those in the partition that holds the heads of one user: commits, locks, renewals."""

GIGABYTE_SECONDS = (
    (COMMANDS + COMMITS) * HANDLER_SECONDS * row("add_message").memory_mb
    + BUSY_SECONDS * row("run_turn").memory_mb
    + BUSY_SECONDS * row("list_events").memory_mb
) / 1024


@dataclass(frozen=True)
class Price:
    """One line of the bill.

    Attributes:
        what: Is billed.
        count: Of it, for one turn.
        per_million: US dollars.
    """

    what: str
    count: float
    per_million: float

    @property
    def thousand_turns(self) -> float:
        """US dollars for a thousand turns."""
        return self.count * self.per_million / 1000


BILL = (
    Price("Lambda, GB-seconds on ARM", GIGABYTE_SECONDS, 13.3334),
    Price("Lambda, invocations", INVOCATIONS, 0.20),
    Price("API Gateway, requests", COMMANDS + PAGES, 3.50),
    Price("DynamoDB, write units", WRITES, 0.625),
    Price("DynamoDB, read units at most", READS, 0.125),
    Price("EventBridge, facts", FACTS, 1.00),
    Price("SQS, requests", QUEUE_REQUESTS, 0.40),
    Price("CloudWatch Logs, KB", INVOCATIONS * LINE_BYTES / 1000, 0.50),
)


@dataclass(frozen=True)
class Limit:
    """What AWS, or we, allow at once or in a second.

    Attributes:
        what: Is limited.
        allowed: How much, at once or in a second.
        per_turn: How much one turn takes of it, in the same unit; seconds of it for what is limited at once.
        consequence: What happens beyond.
    """

    what: str
    allowed: float
    per_turn: float
    consequence: str

    @property
    def turns(self) -> float:
        """Turns a second that it lets through."""
        return self.allowed / self.per_turn


_TURNS = row("run_turn").trigger
_WAITERS = row("list_events").reserved_concurrency or 0
_POOL = 1000 - _WAITERS

LIMITS = (
    Limit(
        "workers at a time: `max_concurrency` of `run_turn`, ours",
        _TURNS.max_concurrency if isinstance(_TURNS, Queue) else 0,
        BUSY_SECONDS,
        "the queue grows by what comes beyond, each turn waits for those before it; nothing is lost for four days",
    ),
    Limit(
        "waiting clients: concurrency reserved for `list_events`, ours",
        _WAITERS,
        BUSY_SECONDS,
        "a client's request is refused and repeated; commands and turns notice nothing",
    ),
    Limit(
        "requests to the API: the stage's rate, ours",
        RATE_PER_SECOND,
        COMMANDS + PAGES,
        "429 `RATE_LIMITED` for everybody, with `Retry-After`",
    ),
    Limit(
        f"Lambda's 1000 at a time less the {_WAITERS} reserved, an account's default",
        _POOL,
        BUSY_SECONDS + (COMMANDS + COMMITS) * HANDLER_SECONDS,
        "commands are refused, the queue and the stream wait: ask for more before raising `max_concurrency`",
    ),
    Limit(
        "write units of a new table on demand, 4000 a second until it has grown",
        4000,
        WRITES,
        "throttled, retried by the SDK, then 503; it doubles within half an hour",
    ),
    Limit(
        "write units of one partition, 1000 a second: the heads of one *user*",
        1000,
        HEAD_WRITES,
        "this user is throttled, others are not; a session of its own holds one turn at a time, far below",
    ),
    Limit(
        "PutEvents, 10 000 a second in us-east-1, 400 in the smallest regions",
        400,
        COMMITS,
        "the publisher repeats, the stream waits; in us-east-1 25 times as many",
    ),
    Limit(
        "the stream, one publisher a shard, some 300 commits a second each, 4 shards at least",
        1200,
        COMMITS,
        "facts come later, so turns start later; shards grow with the table",
    ),
)


def bill_table() -> str:
    """Return the bill, its sum last."""
    rows = [(line.what, f"{line.count:.4g}", f"{line.per_million:g}", f"{line.thousand_turns:.4f}") for line in BILL]
    total = sum(line.thousand_turns for line in BILL)
    headings = ("Billed", "a turn", "$ a million", "$ a thousand turns")
    return markdown_table(headings, [*rows, ("**together**", "", "", f"**{total:.2f}**")])


def limits_table() -> str:
    """Return the limits, the first to be met first."""
    lines = ["| Limit | allows | a turn takes | turns/s | then |", "|---|--:|--:|--:|---|"]
    lines += [
        f"| {limit.what} | {limit.allowed:g} | {limit.per_turn:.4g} | {limit.turns:.3g} | {limit.consequence} |"
        for limit in sorted(LIMITS, key=lambda limit: limit.turns)
    ]
    return "\n".join(lines)
