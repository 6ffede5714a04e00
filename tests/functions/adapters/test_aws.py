"""AWS as a process sees it."""

import pytest

from functions.adapters.aws import Aws
from functions.adapters.seam import IoSeam
from tests.support.aws_transport import AwsTransport

pytestmark = pytest.mark.usefixtures("aws_environment")


def test_client_is_made_once_when_it_is_asked_for_twice() -> None:
    """A process has one client per service, all of one session."""
    aws = Aws(IoSeam())

    first, again, other = aws.client("sqs"), aws.client("sqs"), aws.client("dynamodb")

    assert first is again
    assert aws._own_session() is aws._own_session()
    assert first._request_signer._credentials is other._request_signer._credentials


@pytest.mark.parametrize("service", ["dynamodb", "sqs", "s3", "events"])
def test_client_gives_up_soon_when_nobody_answers(service: str) -> None:
    """Three tries, 1 s to connect, 2 s to read: a Lambda never waits on a dead neighbour."""
    config = Aws(IoSeam()).client(service).meta.config

    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert (config.connect_timeout, config.read_timeout) == (1, 2)


def test_requests_pass_the_seam_when_a_client_sends_them() -> None:
    """No client of this process can send anything unseen."""
    seam = IoSeam()
    aws = Aws(seam)
    transport = AwsTransport({})
    transport.attach(aws._own_session())

    aws.client("sqs").list_queues()

    assert seam.requests == {"sqs.ListQueues": 1}
    assert transport.bodies == [{}]


def test_client_uses_region_and_endpoint_when_the_environment_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cloud is reached by the environment alone."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:4566")

    meta = Aws(IoSeam()).client("sqs").meta

    assert (meta.region_name, meta.endpoint_url) == ("eu-west-1", "http://127.0.0.1:4566")
