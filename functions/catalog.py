"""One row per function. Handlers, the CDK app, OpenAPI, rules and tests read it; nothing repeats what stands here."""

from dataclasses import dataclass
from enum import StrEnum

from domain.services.subscriptions import EXPIRIES, TURNS, Subscription


class Kind(StrEnum):
    """Which folder a function lives in, and what its message is."""

    COMMAND = "commands"
    QUERY = "queries"
    SUBSCRIBER = "subscribers"


class Grant(StrEnum):
    """What a function may do outside itself; the CDK turns each into a least-privilege statement."""

    TABLE_READ = "table_read"
    TABLE_WRITE = "table_write"
    TABLE_SCAN = "table_scan"
    CONTENT_READ = "content_read"
    CONTENT_WRITE = "content_write"
    BUS_PUBLISH = "bus_publish"
    TURNS_EXTEND = "turns_extend"
    EXPIRIES_EXTEND = "expiries_extend"
    PARK_COMMITS = "park_commits"
    MODEL_INVOKE = "model_invoke"


@dataclass(frozen=True)
class Route:
    """An HTTP operation below the stage.

    Attributes:
        path: With `{session_id}` placeholders.
        status: Of the successful answer.
        is_public: Answered without a token.
    """

    method: str
    path: str
    status: int
    is_public: bool = False

    @property
    def path_parameters(self) -> frozenset[str]:
        """Names of the placeholders.

        >>> Route("GET", "/sessions/{session_id}", 200).path_parameters
        frozenset({'session_id'})
        """
        return frozenset(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


@dataclass(frozen=True)
class Commits:
    """The table's stream, inserted commits only."""


@dataclass(frozen=True)
class Queue:
    """Facts that subscriptions ask for, through rule and queue.

    Attributes:
        name: Of rule and queue.
        subscriptions: The rule's pattern is derived from them.
        max_receives: Deliveries before a message goes to the dead-letter queue.
        max_concurrency: Invocations at a time, 2 to 1000.
    """

    name: str
    subscriptions: tuple[Subscription, ...]
    max_receives: int = 20
    max_concurrency: int = 50


@dataclass(frozen=True)
class DeadLetters:
    """The dead-letter queue of another trigger, by that queue's name."""

    queue: str


@dataclass(frozen=True)
class Schedule:
    """The clock.

    Attributes:
        hours: Between two invocations.
    """

    hours: int


Trigger = Route | Commits | Queue | DeadLetters | Schedule


@dataclass(frozen=True)
class Function:
    """A Lambda function.

    Attributes:
        name: File, fixture, CDK id, and stem of the message and handler classes.
        timeout_seconds: Of an invocation.
        memory_mb: CPU follows memory; 1769 MB is one core.
        reserved_concurrency: Most invocations at a time; None shares the account's pool.
    """

    name: str
    kind: Kind
    trigger: Trigger
    grants: frozenset[Grant] = frozenset()
    timeout_seconds: int = 15
    memory_mb: int = 1024
    reserved_concurrency: int | None = None

    @property
    def entry_point(self) -> str:
        """Dotted name that Lambda calls.

        >>> row("get_health").entry_point
        'functions.queries.get_health.handler'
        """
        return f"functions.{self.kind.value}.{self.name}.handler"

    @property
    def message(self) -> str:
        """Dotted name of the Command or Query class.

        >>> row("create_session").message
        'domain.commands.create_session:CreateSessionCommand'
        """
        return f"{self._module}:{self._stem}{'Query' if self.kind is Kind.QUERY else 'Command'}"

    @property
    def message_handler(self) -> str:
        """Dotted name of the handler class.

        >>> row("get_session").message_handler
        'domain.queries.get_session:GetSessionHandler'
        """
        return f"{self._module}:{self._stem}Handler"

    @property
    def _module(self) -> str:
        folder = "queries" if self.kind is Kind.QUERY else "commands"
        return f"domain.{folder}.{self.name}"

    @property
    def _stem(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))


_READ = frozenset({Grant.TABLE_READ})
_WRITE = _READ | {Grant.TABLE_WRITE, Grant.CONTENT_WRITE}
_READ_CONTENT = _READ | {Grant.CONTENT_READ}

CATALOG: tuple[Function, ...] = (
    Function("create_session", Kind.COMMAND, Route("POST", "/sessions", 201), _WRITE),
    Function("list_sessions", Kind.QUERY, Route("GET", "/sessions", 200), _READ),
    Function("get_session", Kind.QUERY, Route("GET", "/sessions/{session_id}", 200), _READ),
    Function("update_session", Kind.COMMAND, Route("PATCH", "/sessions/{session_id}", 200), _WRITE),
    Function(
        "add_message", Kind.COMMAND, Route("POST", "/sessions/{session_id}/messages", 202), _WRITE | _READ_CONTENT
    ),
    Function("list_messages", Kind.QUERY, Route("GET", "/sessions/{session_id}/messages", 200), _READ_CONTENT),
    Function(
        "add_tool_result",
        Kind.COMMAND,
        Route("POST", "/sessions/{session_id}/tool-results", 202),
        _WRITE | _READ_CONTENT,
    ),
    Function("get_agent_context", Kind.QUERY, Route("GET", "/sessions/{session_id}/agent", 200), _READ),
    Function("switch_agent", Kind.COMMAND, Route("POST", "/sessions/{session_id}/agent", 200), _WRITE),
    Function("list_approvals", Kind.QUERY, Route("GET", "/sessions/{session_id}/approvals", 200), _READ),
    Function(
        "decide_approval",
        Kind.COMMAND,
        Route("POST", "/sessions/{session_id}/approvals/{approval_id}", 200),
        _WRITE,
    ),
    Function("cancel_turn", Kind.COMMAND, Route("POST", "/sessions/{session_id}/cancel", 202), _WRITE),
    Function("get_plan", Kind.QUERY, Route("GET", "/sessions/{session_id}/plan", 200), _READ),
    Function("decide_plan", Kind.COMMAND, Route("POST", "/sessions/{session_id}/plan", 200), _WRITE),
    Function("list_agents", Kind.QUERY, Route("GET", "/agents", 200)),
    Function(
        "list_events",
        Kind.QUERY,
        Route("GET", "/sessions/{session_id}/events", 200),
        _READ_CONTENT,
        timeout_seconds=26,
        memory_mb=512,
        reserved_concurrency=100,
    ),
    Function("get_health", Kind.QUERY, Route("GET", "/health", 200, is_public=True), _READ),
    Function(
        "publish_events",
        Kind.SUBSCRIBER,
        Commits(),
        frozenset({Grant.BUS_PUBLISH, Grant.PARK_COMMITS}),
        timeout_seconds=60,
    ),
    Function(
        "run_turn",
        Kind.SUBSCRIBER,
        Queue("turns", (TURNS,)),
        _WRITE | _READ_CONTENT | {Grant.TURNS_EXTEND, Grant.MODEL_INVOKE},
        timeout_seconds=120,
    ),
    Function(
        "expire_approval",
        Kind.SUBSCRIBER,
        Queue("expiries", (EXPIRIES,)),
        _WRITE | {Grant.EXPIRIES_EXTEND},
        timeout_seconds=60,
    ),
    Function("fail_turn", Kind.SUBSCRIBER, DeadLetters("turns"), _WRITE, timeout_seconds=30),
    Function(
        "sweep_approvals",
        Kind.SUBSCRIBER,
        Schedule(hours=24),
        _WRITE | {Grant.TABLE_SCAN},
        timeout_seconds=900,
        memory_mb=512,
    ),
)


_BY_NAME = {function.name: function for function in CATALOG}


def row(name: str) -> Function:
    """Return the row of the function `name`.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]
