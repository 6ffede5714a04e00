"""The tables of `docs/errors.md`, as the code has them."""

from collections import defaultdict
from collections.abc import Iterable

from domain.model import errors
from domain.model.errors import Refusal
from domain.model.session import TurnErrorCode
from functions.catalog import Commits, DeadLetters, Queue, Route, Schedule, row
from functions.metrics import Metric
from functions.runtime import problems
from functions.runtime.problems import STATUSES
from infra import gateway_refusals
from infra.alarms import ALARMS
from infra.openapi.refusals import SAYS_WHEN_TO_REPEAT
from tests.support.neighbour_cases import ALL, Case

REPEAT = "repeat it after `Retry-After`, with the same `Idempotency-Key`"
ACTIONS = {
    "UNAUTHENTICATED": "get a token",
    "ROUTE_NOT_FOUND": "mend the client",
    "PAYLOAD_TOO_LARGE": "send less",
    "MALFORMED_JSON": "mend the client",
    "VALIDATION_ERROR": "change the fields that `errors` names",
    "SESSION_NOT_FOUND": "nothing: it never was, is erased, or is somebody else's",
    "IDEMPOTENCY_KEY_REUSED": "take a new key for a new request",
    "APPROVAL_NOT_FOUND": "read the session's approvals",
    "PLAN_NOT_FOUND": "nothing",
    "TOOL_CALL_NOT_FOUND": "read the session's events",
    "SESSION_ALREADY_EXISTS": "choose another id, or go on with that session",
    "SESSION_BUSY": REPEAT,
    "SESSION_INACTIVE": "activate it",
    "AGENT_SWITCH_ERROR": "choose one of `GET /v1/agents`",
    "APPROVAL_ALREADY_DECIDED": "read how it was decided",
    "APPROVAL_EXPIRED": "nothing: it counted as a no",
    "APPROVAL_REQUIRED": "have it decided, then send the result",
    "TOOL_CALL_CLOSED": "throw the result away",
    "PLAN_STATE": "read the plan",
    "RATE_LIMITED": REPEAT,
    "STORAGE_UNAVAILABLE": REPEAT,
    "INTERNAL_ERROR": "repeat it once, with the same `Idempotency-Key`; then report the correlation id",
}
"""What a client does about each code."""

TURN_ACTIONS = {
    TurnErrorCode.MODEL_UNAVAILABLE: ("No model answered, whatever was tried", "say it again later"),
    TurnErrorCode.BUDGET_EXCEEDED: ("A budget is used up", "have it raised"),
    TurnErrorCode.TURN_LIMIT: ("The turn took more rounds than it may", "say what to go on with"),
    TurnErrorCode.TURN_FAILED: ("Its workers died or failed again and again", "say it again"),
}
"""What ended a turn, and what the user does."""


def codes() -> str:
    """Return the table of the codes over HTTP, in the order of the error table."""
    details = _details()
    rows = (
        (
            f"`{code}`",
            str(status),
            "yes" if code in SAYS_WHEN_TO_REPEAT else "",
            details[code],
            ACTIONS[code],
        )
        for code, status in STATUSES.items()
    )
    return _table(("Code", "Status", "`Retry-After`", "It says", "The client"), rows)


def turn_codes() -> str:
    """Return the table of the codes in `turn.error`."""
    rows = ((f"`{code.value}`", *TURN_ACTIONS[code]) for code in TurnErrorCode)
    return _table(("`turn.error.code`", "What happened", "The user"), rows)


def alarms() -> str:
    """Return the table of the alarms."""
    rows = (
        (
            f"`{alarm.name}`",
            f"`{alarm.metric.name if isinstance(alarm.metric, Metric) else alarm.metric}`"
            + "".join(f" `{name}={value}`" for name, value in alarm.dimensions.items()),
            f"{alarm.statistic.lower()} ≥ {alarm.at_least:g}",
            alarm.meaning,
            alarm.action,
        )
        for alarm in ALARMS
    )
    return _table(("Alarm", "Looks at", "In 5 minutes", "It means", "What to do"), rows)


def endings() -> str:
    """Return the table of what becomes of a request, message or record while a neighbour fails all the time."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for case in ALL:
        place = found[case.operation, _asker(case)]
        ending = _ending(case)
        if ending not in place:
            place.append(ending)
    rows = ((f"`{operation}`", asker, "; ".join(ends)) for (operation, asker), ends in sorted(found.items()))
    return _table(("Operation that fails", "Asked by", "Ends as"), rows)


def _asker(case: Case) -> str:
    match row(case.scene.function).trigger:
        case Route():
            return "a request"
        case Queue() | DeadLetters() | Commits() | Schedule():
            return f"`{case.scene.function}`"


def _ending(case: Case) -> str:
    if case.is_unnoticed:
        return "nobody notices half an answer that holds nothing"
    if case.is_survived:
        return {
            "dynamodb.GetItem": "the turn is answered: what others know of the model is not needed",
            "bedrock-runtime.Converse": "the turn fails, `MODEL_UNAVAILABLE`; routing is done by keywords",
            "eventbridge.PutEvents": "the commit is parked by its key",
        }[case.operation]
    status, code = case.ending()
    if code:
        return f"{status} `{code}`" + (" (others write the same session)" if code == "SESSION_BUSY" else "")
    back = "the message comes back" if case.scene.function != "publish_events" else "the records come back"
    ending = {"comes back": back, "left": "the next sweep sees to it", "raised": "tried twice more, then the next day"}
    given_up = "after three lost answers, which count as three dead workers, the turn fails, `TURN_FAILED`"
    return given_up if case.is_given_up else ending[str(status)]


def _details() -> dict[str, str]:
    """Return what each code says; the first class of a code speaks for it."""
    found: dict[str, str] = {}
    for module in (errors, problems, gateway_refusals):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal:
                found.setdefault(value.code, value.detail)
    return found


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join((_line(heads), f"|{'---|' * len(heads)}", *map(_line, rows)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
