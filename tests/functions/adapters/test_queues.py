"""SQS: deliveries hidden, commits parked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from domain.model.errors import StorageUnavailable
from domain.model.log import CommitKey
from functions.adapters.aws import Aws
from functions.adapters.queues import SqsDeliveries, SqsParkedCommits
from functions.adapters.seam import IoSeam
from tests.support.aws_transport import ScriptedAws
from tests.support.builders import make_key

pytestmark = pytest.mark.usefixtures("aws_environment")

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
COMMITS = [CommitKey(key=make_key(f"s{number}"), last_seq=number) for number in range(1, 24)]


@pytest.fixture
def aws() -> Iterator[Aws]:
    """Return AWS as moto plays it, with one queue."""
    with mock_aws():
        aws = Aws(IoSeam())
        aws.client("sqs").create_queue(QueueName="queue")
        yield aws


def received(aws: Aws) -> list[dict[str, Any]]:
    """Return every message that can be received now, and hide it for a minute."""
    messages: list[dict[str, Any]] = []
    while (
        batch := aws.client("sqs")
        .receive_message(QueueUrl=URL, MaxNumberOfMessages=10, VisibilityTimeout=60)
        .get("Messages")
    ):
        messages += batch
    return messages


@pytest.mark.parametrize(("seconds", "is_visible"), [(0, True), (30, False)])
def test_extend_hides_the_delivery_for_so_long_when_it_exists(aws: Aws, seconds: int, *, is_visible: bool) -> None:
    """A delivery that is hidden for no time comes back at once."""
    aws.client("sqs").send_message(QueueUrl=URL, MessageBody="turn")
    (message,) = received(aws)

    SqsDeliveries(aws, URL).extend(message["ReceiptHandle"], seconds)

    assert bool(received(aws)) is is_visible


def test_extend_raises_storage_unavailable_when_the_receipt_has_run_out(aws: Aws) -> None:
    """A delivery that is no longer ours is nothing that a repeat of the program would mend: the message is back."""
    with pytest.raises(StorageUnavailable):
        SqsDeliveries(aws, URL).extend("no such receipt", 3)


def test_extend_lets_the_error_through_when_the_queue_does_not_exist(aws: Aws) -> None:
    """A wrong address is our own mistake and must be seen."""
    with pytest.raises(ClientError):
        SqsDeliveries(aws, URL + "-of-nobody").extend("receipt", 3)


@pytest.mark.parametrize("count", [0, 1, 10, 11, 23])
def test_park_sends_every_key_when_there_are_many(aws: Aws, count: int) -> None:
    """Each commit is one message, readable as the key it was."""
    SqsParkedCommits(aws, URL).park(COMMITS[:count])

    parked = [CommitKey.model_validate_json(message["Body"]) for message in received(aws)]
    assert sorted(parked, key=lambda commit: commit.last_seq) == COMMITS[:count]


def took(count: int) -> dict[str, Any]:
    """Answer as SQS does when it took the first `count` entries of a batch."""
    return {"Successful": [{"Id": str(number)} for number in range(count)], "Failed": []}


def test_park_sends_ten_keys_in_a_request_when_there_are_many() -> None:
    """A batch has ten entries at most, told apart by their place."""
    aws = ScriptedAws(took(10), took(10), took(3))

    SqsParkedCommits(aws, URL).park(COMMITS)

    batches = [body["Entries"] for body in aws.transport.bodies]
    assert [len(batch) for batch in batches] == [10, 10, 3]
    assert [entry["Id"] for entry in batches[2]] == ["0", "1", "2"]
    assert json.loads(batches[0][0]["MessageBody"]) == COMMITS[0].model_dump()


def test_park_raises_when_the_queue_took_only_some() -> None:
    """A request that succeeds while an entry fails has lost that entry, so the caller must know."""
    lost = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
    aws = ScriptedAws(took(10), took(9) | {"Failed": [lost]})

    with pytest.raises(StorageUnavailable) as raised:
        SqsParkedCommits(aws, URL).park(COMMITS)

    assert raised.value.retry_after_seconds == 1
    assert len(aws.transport.bodies) == 2


@pytest.mark.parametrize("answer", [(500, "InternalError"), ReadTimeoutError(endpoint_url=URL)])
def test_queues_raise_storage_unavailable_when_sqs_does_not_answer(answer: Any) -> None:
    """Silence and failure mean the same to whoever waits."""
    aws = ScriptedAws(answer)

    with pytest.raises(StorageUnavailable):
        SqsParkedCommits(aws, URL).park(COMMITS)
    with pytest.raises(StorageUnavailable):
        SqsDeliveries(aws, URL).extend("receipt", 3)
