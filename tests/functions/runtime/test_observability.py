"""One line per invocation."""

import pytest
from botocore.session import Session

from functions.adapters.seam import IoSeam
from functions.runtime.observability import SERVICE, invocation
from tests.support.aws_transport import AwsTransport
from tests.support.fakes import FakeClock
from tests.support.log_lines import LogLines


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


def test_invocation_logs_what_the_block_learned_when_it_ends(log: LogLines, clock: FakeClock) -> None:
    """The block adds fields while it learns them; time is added at its end."""
    with invocation("get_session", IoSeam(), clock) as line:
        clock.advance(1.2345)
        line["session_id"] = "s1"

    written = log.only("handled")
    assert (written["service"], written["function"], written["session_id"]) == (SERVICE, "get_session", "s1")
    assert written["duration_ms"] == 1234


def test_invocation_logs_too_when_the_block_raises(log: LogLines, clock: FakeClock) -> None:
    """An invocation that ended badly has its line, and the error goes on."""
    with pytest.raises(RuntimeError), invocation("get_session", IoSeam(), clock):
        raise RuntimeError

    assert log.only("handled")["function"] == "get_session"


def test_invocation_counts_only_its_own_requests_when_the_process_is_warm(log: LogLines, clock: FakeClock) -> None:
    """What was sent before belongs to somebody else's line."""
    seam = IoSeam()
    seam.requests["dynamodb.GetItem"] = 5
    seam.requests["dynamodb.Query"] = 1

    with invocation("get_session", seam, clock):
        seam.requests["dynamodb.GetItem"] += 2
        seam.requests["sqs.SendMessage"] += 1

    assert log.only("handled")["io"] == {"dynamodb.GetItem": 2, "sqs.SendMessage": 1}


def test_invocation_counts_requests_when_a_client_sends_them(log: LogLines, clock: FakeClock) -> None:
    """Every AWS request of the block is in the line by its operation."""
    seam = IoSeam()
    transport = AwsTransport({})
    session = Session()
    seam.attach(session)
    client = transport.client(session, "sqs")

    with invocation("get_session", seam, clock):
        client.list_queues()

    assert log.only("handled")["io"] == {"sqs.ListQueues": 1}
