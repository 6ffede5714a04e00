"""All I/O passes one place."""

from contextlib import nullcontext
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from functions.adapters.seam import TRY_SECONDS, IoSeam, OutOfTimeError, Phase
from tests.support.aws_transport import Answer, AwsTransport

ONCE = Config(retries={"total_max_attempts": 1})
GET_ITEM: dict[str, Any] = {"TableName": "t", "Key": {"PK": {"S": "p"}}}
ENTRIES = [{"Source": "test"}]


class Crash(BaseException):
    """A process that dies."""


@pytest.fixture
def seam() -> IoSeam:
    """Return a seam that has seen nothing."""
    return IoSeam()


def client(seam: IoSeam, service: str, *answers: Answer) -> Any:
    """Return a client that passes `seam`, and that repeats at once up to three tries."""
    session = Session()
    seam.attach(session)
    session.register("needs-retry.*.*", repeat_at_once)
    return AwsTransport(*answers).client(session, service, ONCE)


def repeat_at_once(**call: Any) -> Any:
    """Repeat what failed, without the pause that botocore makes."""
    is_failed = call["response"] is None or call["response"][0].status_code >= 500
    return 0 if is_failed and call["attempts"] < 3 else None


def test_seam_counts_requests_by_operation_when_clients_send(seam: IoSeam) -> None:
    """Every request is counted under service and operation, whichever client sends it."""
    client(seam, "dynamodb", {}).get_item(**GET_ITEM)
    client(seam, "dynamodb", {}).get_item(**GET_ITEM)
    client(seam, "events", {"Entries": [], "FailedEntryCount": 0}).put_events(Entries=ENTRIES)

    assert seam.requests == {"dynamodb.GetItem": 2, "eventbridge.PutEvents": 1}


def test_seam_counts_repeats_and_tells_once_when_botocore_tries_again(seam: IoSeam) -> None:
    """A request is what goes over the wire, an operation what was asked for."""
    told: list[tuple[Phase, str]] = []
    seam.listen(lambda phase, operation: told.append((phase, operation)))

    client(seam, "dynamodb", (500, "InternalServerError"), (500, "InternalServerError"), {}).get_item(**GET_ITEM)

    assert seam.requests == {"dynamodb.GetItem": 3}
    assert told == [(Phase.BEFORE, "dynamodb.GetItem"), (Phase.AFTER, "dynamodb.GetItem")]


def test_seam_counts_and_tells_when_the_service_refuses(seam: IoSeam) -> None:
    """A refusal is an answer too."""
    told: list[Phase] = []
    seam.listen(lambda phase, _: told.append(phase))

    with pytest.raises(ClientError):
        client(seam, "dynamodb", (400, "ValidationException")).get_item(**GET_ITEM)

    assert (seam.requests.total(), told) == (1, [Phase.BEFORE, Phase.AFTER])


@pytest.mark.parametrize("service", ["dynamodb", "events", "sqs", "s3"])
def test_seam_names_an_operation_alike_when_it_counts_and_when_it_tells(seam: IoSeam, service: str) -> None:
    """A fault that is meant for an operation finds it under the name it is counted by."""
    told: list[str] = []
    seam.listen(lambda _, operation: told.append(operation))
    operations: dict[str, tuple[str, dict[str, Any]]] = {
        "dynamodb": ("get_item", GET_ITEM),
        "events": ("put_events", {"Entries": ENTRIES}),
        "sqs": ("list_queues", {}),
        "s3": ("head_bucket", {"Bucket": "bucket"}),
    }
    method, arguments = operations[service]

    getattr(client(seam, service, {}), method)(**arguments)

    assert set(told) == set(seam.requests)


@pytest.mark.parametrize(("fatal", "requests"), [(Phase.BEFORE, 0), (Phase.AFTER, 1)])
def test_listener_ends_the_call_when_it_raises(seam: IoSeam, fatal: Phase, requests: int) -> None:
    """A fault before leaves nothing sent; a fault after loses the answer to what was done."""

    def crash(phase: Phase, _: str) -> None:
        if phase is fatal:
            raise Crash

    seam.listen(crash)

    with pytest.raises(Crash):
        client(seam, "dynamodb", {}).get_item(**GET_ITEM)

    assert seam.requests.total() == requests


def test_seam_tells_every_listener_in_order_when_something_else_than_aws_is_called(seam: IoSeam) -> None:
    """A model's answer passes the seam as well, and is no request to AWS."""
    told: list[str] = []
    seam.listen(lambda phase, operation: told.append(f"first {phase} {operation}"))
    seam.listen(lambda phase, operation: told.append(f"second {phase} {operation}"))

    seam.tell(Phase.BEFORE, "model.Complete")

    assert told == ["first before model.Complete", "second before model.Complete"]
    assert seam.requests.total() == 0


@pytest.mark.parametrize(("seconds", "sent"), [(TRY_SECONDS, 1), (TRY_SECONDS - 0.1, 0), (-1, 0)])
def test_seam_begins_no_try_when_it_might_outlast_the_invocation(seam: IoSeam, seconds: float, sent: int) -> None:
    """A request that is not sent is refused as a failure of the connection is, and is not repeated."""
    seam.seconds_left = lambda: seconds
    reader = client(seam, "dynamodb", {})

    with nullcontext() if sent else pytest.raises(OutOfTimeError, match=r"dynamodb\.GetItem"):
        reader.get_item(**GET_ITEM)

    assert seam.requests.total() == sent
