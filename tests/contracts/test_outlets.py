"""`EventPublisher`, `ParkedCommits`, `TurnQueue` and `ExpiryQueue`: on memory and on AWS as moto plays it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from moto import mock_aws

from domain.commands.expire_approval import LONGEST_HIDING_SECONDS
from domain.model.log import CommitKey
from domain.ports import Deliveries, EventPublisher, ParkedCommits
from functions.adapters.aws import Aws
from functions.adapters.eventbridge.publisher import EventBridgePublisher
from functions.adapters.queues import SqsDeliveries, SqsParkedCommits
from functions.adapters.retries import RetryHandler
from functions.adapters.seam import IoSeam
from tests.support.builders import make_event, make_key
from tests.support.fakes import CountingIds, FakeClock, FakeTurnQueue, MemoryParked, MemoryPublisher

COMMITS = [CommitKey(key=make_key(f"s{number}"), last_seq=number) for number in range(1, 24)]


@dataclass(frozen=True)
class Outlets:
    """Where things go.

    Attributes:
        receipt: Names a delivery of `queue`.
        parked: Returns what was parked, in any order.
    """

    bus: EventPublisher
    park: ParkedCommits
    queue: Deliveries
    receipt: str
    parked: Callable[[], Sequence[CommitKey]]


@pytest.fixture(params=["memory", "aws"])
def outlets(request: pytest.FixtureRequest) -> Iterator[Outlets]:
    """Return the outlets of each world in turn."""
    if request.param == "memory":
        park = MemoryParked()
        yield Outlets(MemoryPublisher(), park, FakeTurnQueue(), "receipt", lambda: park.parked)
        return
    request.getfixturevalue("aws_environment")
    with mock_aws():
        aws = Aws(IoSeam())
        sqs = aws.client("sqs")
        url, parked_url = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queue", "parked"))
        aws.client("events").create_event_bus(Name="bus")
        sqs.send_message(QueueUrl=url, MessageBody="message")
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]

        def parked() -> Sequence[CommitKey]:
            found: list[CommitKey] = []
            while batch := sqs.receive_message(QueueUrl=parked_url, MaxNumberOfMessages=10).get("Messages"):
                found += [CommitKey.model_validate_json(taken["Body"]) for taken in batch]
            return found

        bus = EventBridgePublisher(aws, "bus", RetryHandler(FakeClock(), CountingIds()))
        park_ = SqsParkedCommits(aws, parked_url)
        yield Outlets(bus, park_, SqsDeliveries(aws, url), message["ReceiptHandle"], parked)


@pytest.mark.parametrize("count", [0, 1, 10, 23])
def test_nothing_comes_back_when_the_bus_takes_everything(outlets: Outlets, count: int) -> None:
    """However many there are."""
    assert list(outlets.bus.publish([make_event(seq=seq) for seq in range(1, count + 1)])) == []


@pytest.mark.parametrize("count", [0, 1, 10, 23])
def test_every_key_is_kept_when_commits_are_parked(outlets: Outlets, count: int) -> None:
    """Each once, readable as what it was."""
    outlets.park.park(COMMITS[:count])

    assert sorted(outlets.parked(), key=lambda commit: commit.last_seq) == COMMITS[:count]


@pytest.mark.parametrize("seconds", [0, 3, LONGEST_HIDING_SECONDS])
def test_delivery_is_hidden_when_its_receipt_is_known(outlets: Outlets, seconds: int) -> None:
    """From nothing to the longest that anybody asks for; again and again, as a worker does it."""
    outlets.queue.extend(outlets.receipt, 30)
    outlets.queue.extend(outlets.receipt, seconds)
