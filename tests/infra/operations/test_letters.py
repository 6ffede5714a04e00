"""A dead letter says what it is about, whoever gave it up, and never what anybody said."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.model.log import CommitKey
from functions.catalog import Commits, Queue, Schedule
from infra.dead_ends import COMMITS, DeadEnd, dead_ends
from infra.operations.letters import MARGIN, NOT_OURS, About, Span, read_letter
from tests.support.builders import make_event, make_key
from tests.support.operated import end_of, envelope
from tests.support.samples import sample

SENT = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
BATCH = {
    "requestContext": {"condition": "RetryAttemptsExhausted", "functionArn": "arn:aws:lambda:::publish_events"},
    "DDBStreamBatchInfo": {
        "startSequenceNumber": "1",
        "endSequenceNumber": "2",
        "approximateArrivalOfFirstRecord": "2026-01-01T12:00:00Z",
        "approximateArrivalOfLastRecord": "2026-01-01T12:00:09Z",
        "batchSize": 2,
    },
}


def _about(end: DeadEnd, body: str, **attributes: str) -> About:
    message: dict[str, Any] = {
        "MessageId": "m-1",
        "ReceiptHandle": "r-1",
        "Body": body,
        "Attributes": {"SentTimestamp": str(int(SENT.timestamp() * 1000)), "ApproximateReceiveCount": "3"},
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }
    letter = read_letter(end, message)
    assert (letter.id, letter.receipt, letter.first_seen, letter.receives) == ("m-1", "r-1", SENT, 3)
    return letter.about


def _body_of(end: DeadEnd) -> str:
    """Return a letter of a kind as it is in the cloud, out of its function's sample event."""
    match end.row.trigger:
        case Queue():
            body: str = sample(end.row.name)["Records"][0]["body"]
            return body
        case Commits():
            return CommitKey(key=make_key(), last_seq=4).model_dump_json()
        case Schedule():
            return json.dumps(sample(end.row.name))
    raise AssertionError(f"Say what a dead letter of the kind {end.kind} looks like.")


@pytest.mark.parametrize("end", dead_ends(), ids=lambda end: end.kind)
def test_every_kind_can_be_read(end: DeadEnd) -> None:
    """What a function was given is read back out of its dead letter, and what it means stands beside it."""
    about = _about(end, _body_of(end))

    assert about.what != NOT_OURS
    assert about.session_id or about.payload
    assert end.row.name in end.meaning or end.kind == COMMITS


def test_fact_is_told_by_its_place_when_it_was_not_handled() -> None:
    """Session, turn, number and type say which fact it is; an undelivered one says why."""
    event = make_event(seq=7)

    about = _about(end_of("turns"), envelope(event), ERROR_CODE="NO_PERMISSIONS")

    assert (about.what, about.session_id, about.turn, about.seq) == ("TurnRequested", event.key.session_id, 1, 7)
    assert (about.user, about.correlation_id, about.code) == (event.key.user, "builder", "NO_PERMISSIONS")


def test_batch_is_told_by_its_time_when_the_stream_gave_it_up() -> None:
    """Lambda names places in the stream, which forgets them within a day; their time finds the commits for ever."""
    about = _about(end_of(COMMITS), json.dumps(BATCH))

    first, last = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, 9, tzinfo=UTC)
    assert about.commits == Span(first - MARGIN, last + MARGIN)
    assert timedelta(seconds=10) <= MARGIN
    assert (about.what, about.code) == ("batch of commits", "RetryAttemptsExhausted")


def test_tick_is_the_event_that_the_function_was_given_when_lambda_gave_it_up() -> None:
    """Lambda wraps the event into its own words; what is sent again is the event."""
    tick = sample("sweep_approvals")
    wrapped = {"requestPayload": tick, "responsePayload": {"errorType": "StorageUnavailable", "errorMessage": "words"}}

    about = _about(end_of("sweep_approvals"), json.dumps(wrapped))

    assert (about.payload, about.code, about.correlation_id) == (tick, "StorageUnavailable", tick["id"])


@pytest.mark.parametrize("end", dead_ends(), ids=lambda end: end.kind)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "null",
        "[]",
        "7",
        "{}",
        '{"detail": {"metadata": {}}}',
        '{"requestPayload": null}',
        '{"DDBStreamBatchInfo": {}}',
        '{"key": {"user": "a#b", "session_id": "s"}, "last_seq": 1}',
        "[" * 20_000,
    ],
    ids=lambda body: body[:24] or "empty",
)
def test_letter_is_listed_as_unreadable_when_it_is_none_of_ours(end: DeadEnd, body: str) -> None:
    """Whatever lies in a queue, looking at it says so and goes on."""
    assert _about(end, body) == About()
