"""What a dead letter is about, as far as its queue tells; never what anybody said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from domain.model.log import CommitKey
from functions.adapters.dynamodb.log_mapper import UNREADABLE
from functions.adapters.eventbridge.envelope import from_envelope
from functions.catalog import Commits, Queue
from infra.dead_ends import DeadEnd

NOT_OURS = "unreadable"
"""What a letter is that this version cannot read."""
MARGIN = timedelta(minutes=1)
"""A stream tells to the second when it took a commit, and the commit's own time is another machine's."""


@dataclass(frozen=True)
class Span:
    """Commits between two times, both included."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class About:
    """What a letter is about; None where it does not say.

    Attributes:
        what: A fact's type, `commit`, `batch of commits`, `tick`, or `unreadable`.
        seq: Number of the fact, or of a commit's last.
        code: Why it was given up, where whoever gave it up said so.
        commits: The commits that it stands for: one by its key, or all of a span.
        payload: The event of a clock's tick.
    """

    what: str = NOT_OURS
    user: str | None = None
    session_id: str | None = None
    turn: int | None = None
    seq: int | None = None
    correlation_id: str | None = None
    code: str | None = None
    commits: CommitKey | Span | None = None
    payload: Any = None


@dataclass(frozen=True)
class Letter:
    """A dead letter.

    Attributes:
        end: Its kind.
        id: Of the message; the same in the log lines of the function that failed at it.
        receipt: Names this look at it.
        body: As it was sent.
        first_seen: UTC time at which it was first sent.
        receives: How often it was delivered, looks at it included.
    """

    end: DeadEnd
    id: str
    receipt: str
    body: str
    first_seen: datetime
    receives: int
    about: About


def read_letter(end: DeadEnd, message: Mapping[str, Any]) -> Letter:
    """Return a message of SQS as a letter."""
    attributes = message.get("Attributes", {})
    return Letter(
        end=end,
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        first_seen=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        receives=int(attributes["ApproximateReceiveCount"]),
        about=_about(end, message["Body"], message.get("MessageAttributes", {})),
    )


def _about(end: DeadEnd, text: str, attributes: Mapping[str, Any]) -> About:
    code = attributes.get("ERROR_CODE", {}).get("StringValue")
    try:
        body = json.loads(text)
        match end.row.trigger:
            case Queue():
                return _fact(body, code)
            case Commits():
                return _commits(body)
            case _:
                return _tick(body, code)
    except (*UNREADABLE, ValidationError, RecursionError):
        return About(code=code)


def _fact(body: Mapping[str, Any], code: str | None) -> About:
    event = from_envelope(body)
    return About(
        what=event.fact.type_name(),
        user=event.key.user,
        session_id=event.key.session_id,
        turn=event.turn,
        seq=event.seq,
        correlation_id=event.trace.correlation_id,
        code=code,
    )


def _commits(body: Mapping[str, Any]) -> About:
    """Read what the publisher parks, or what Lambda says of a piece of the stream that it gave up."""
    if "DDBStreamBatchInfo" in body:
        batch = body["DDBStreamBatchInfo"]
        first, last = (
            datetime.fromisoformat(batch[f"approximateArrivalOf{which}Record"]) for which in ("First", "Last")
        )
        span = Span(first.astimezone(UTC) - MARGIN, last.astimezone(UTC) + MARGIN)
        return About(what="batch of commits", code=body["requestContext"]["condition"], commits=span)
    commit = CommitKey.model_validate(body)
    return About(
        what="commit",
        user=commit.key.user,
        session_id=commit.key.session_id,
        seq=commit.last_seq,
        commits=commit,
    )


def _tick(body: Mapping[str, Any], code: str | None) -> About:
    """Read the event itself, which EventBridge could not deliver, or Lambda's word on an event that it gave up."""
    payload = body.get("requestPayload", body)
    failed = body.get("responsePayload", {}).get("errorType")
    return About(what="tick", correlation_id=payload["id"], code=code or failed, payload=payload)
