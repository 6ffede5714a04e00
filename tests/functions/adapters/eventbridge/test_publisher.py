"""Facts onto the bus."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from domain.model.log import Event
from functions.adapters.aws import Aws
from functions.adapters.eventbridge.envelope import to_detail
from functions.adapters.eventbridge.publisher import EventBridgePublisher
from functions.adapters.retries import RetryHandler
from tests.support.aws_transport import Answer, ScriptedAws
from tests.support.builders import make_event
from tests.support.fakes import CountingIds, FakeClock

pytestmark = pytest.mark.usefixtures("aws_environment")

WAITS = [0.2, 0.4, 0.8]


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still until somebody waits."""
    return FakeClock()


def publisher(aws: Aws, clock: FakeClock) -> EventBridgePublisher:
    """Return a publisher that waits as long as it may."""
    return EventBridgePublisher(aws, "bus", RetryHandler(clock, CountingIds()))


def events(count: int) -> list[Event]:
    """Return events 1 to `count`."""
    return [make_event(seq=seq) for seq in range(1, count + 1)]


def sent(aws: ScriptedAws) -> list[list[int]]:
    """Return the numbers of the events in each request."""
    return [
        [json.loads(entry["Detail"])["metadata"]["seq"] for entry in body["Entries"]] for body in aws.transport.bodies
    ]


def refusing(*numbers: int) -> Answer:
    """Return an answer that takes every event except those with these numbers."""

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        entries: list[dict[str, str]] = []
        for entry in body["Entries"]:
            seq = json.loads(entry["Detail"])["metadata"]["seq"]
            entries.append({"ErrorCode": "InternalFailure"} if seq in numbers else {"EventId": str(seq)})
        return {"Entries": entries, "FailedEntryCount": len(numbers)}

    return answer


def numbers(refused: Sequence[Event]) -> list[int]:
    """Return the numbers of events."""
    return [event.seq for event in refused]


def test_publisher_sends_the_envelope_when_an_event_is_published(clock: FakeClock) -> None:
    """An entry names bus, source, type and time; the detail is the envelope."""
    aws = ScriptedAws(refusing())
    (event,) = events(1)

    refused = publisher(aws, clock).publish([event])

    ((entry,),) = (body["Entries"] for body in aws.transport.bodies)
    assert refused == []
    assert json.loads(entry.pop("Detail")) == to_detail(event)
    assert entry == {
        "EventBusName": "bus",
        "Source": "agent-runtime",
        "DetailType": "TurnRequested",
        "Time": event.occurred_at.timestamp(),
    }


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_publisher_sends_ten_in_a_request_when_there_are_many(clock: FakeClock, count: int, sizes: list[int]) -> None:
    """Events go out in order, ten at most in a request."""
    aws = ScriptedAws(refusing())

    refused = publisher(aws, clock).publish(events(count))

    assert refused == []
    assert [len(batch) for batch in sent(aws)] == sizes
    assert [seq for batch in sent(aws) for seq in batch] == list(range(1, count + 1))
    assert clock.slept == []


def test_publisher_repeats_only_what_was_refused_when_the_bus_took_the_rest(clock: FakeClock) -> None:
    """A partial failure is repeated in part, each time less."""
    aws = ScriptedAws(refusing(2, 3), refusing(3), refusing())

    refused = publisher(aws, clock).publish(events(4))

    assert refused == []
    assert sent(aws) == [[1, 2, 3, 4], [2, 3], [3]]
    assert clock.slept == WAITS[:2]


def test_publisher_returns_what_was_refused_every_time_when_repeats_end(clock: FakeClock) -> None:
    """After four tries the caller is told what the bus does not take, in order."""
    aws = ScriptedAws(refusing(2, 4))

    refused = publisher(aws, clock).publish(events(5))

    assert numbers(refused) == [2, 4]
    assert sent(aws) == [[1, 2, 3, 4, 5], [2, 4], [2, 4], [2, 4]]
    assert clock.slept == WAITS


def test_publisher_goes_on_with_the_next_ten_when_one_was_refused_for_good(clock: FakeClock) -> None:
    """An event that the bus does not take stops nobody behind it."""
    aws = ScriptedAws(refusing(3))

    refused = publisher(aws, clock).publish(events(12))

    assert numbers(refused) == [3]
    assert sent(aws)[-1] == [11, 12]


@pytest.mark.parametrize(
    "failure",
    [
        (500, "InternalException"),
        (400, "ThrottlingException"),
        (400, "AccessDeniedException"),
        ReadTimeoutError(endpoint_url="https://events"),
    ],
    ids=str,
)
def test_publisher_repeats_everything_when_the_request_failed(clock: FakeClock, failure: Any) -> None:
    """A request that failed as a whole may have told nothing."""
    aws = ScriptedAws(failure, refusing())

    refused = publisher(aws, clock).publish(events(3))

    assert refused == []
    assert sent(aws) == [[1, 2, 3], [1, 2, 3]]


def test_publisher_returns_everything_when_the_bus_never_answers(clock: FakeClock) -> None:
    """The bus being away is no error of the publisher: the caller parks what is returned."""
    aws = ScriptedAws((500, "InternalException"))

    refused = publisher(aws, clock).publish(events(3))

    assert numbers(refused) == [1, 2, 3]
    assert len(aws.transport.bodies) == 4


def test_publisher_asks_no_further_when_the_bus_takes_nothing_of_a_batch(clock: FakeClock) -> None:
    """A bus that is down costs one batch's tries, not every batch's; everything comes back as refused."""
    aws = ScriptedAws(*[refusing(*range(1, 26))] * 4)

    refused = publisher(aws, clock).publish(events(25))

    assert numbers(refused) == list(range(1, 26))
    assert sent(aws) == [list(range(1, 11))] * 4
    assert clock.slept == WAITS


@pytest.mark.parametrize("half", [{}, {"Entries": []}, {"Entries": [{"EventId": "1"}]}])
def test_publisher_repeats_what_it_is_not_told_of_when_half_an_answer_comes(
    clock: FakeClock, half: dict[str, Any]
) -> None:
    """An event is on the bus when the bus says so."""
    aws = ScriptedAws(half, refusing())

    refused = publisher(aws, clock).publish(events(3))

    assert (refused, sent(aws)) == ([], [[1, 2, 3], [1, 2, 3][len(half.get("Entries", ())) :]])
