"""Every failure is a sentence that says what to do, and an exit code."""

import pytest
from botocore import exceptions as botocore
from pynamodb.exceptions import QueryError

from domain.model.errors import StorageUnavailable
from infra.local.errors import LocalCloudError
from infra.operations.endings import Ending, NotConnected, Refused, explain


def _refused(code: str) -> botocore.ClientError:
    return botocore.ClientError({"Error": {"Code": code, "Message": "words of AWS"}}, "ReceiveMessage")


@pytest.mark.parametrize(
    ("error", "ending", "words"),
    [
        (Refused("No such kind."), Ending.REFUSED, "No such kind."),
        (NotConnected("No stack."), Ending.NOT_CONNECTED, "No stack."),
        (LocalCloudError("Run `make up`."), Ending.NOT_CONNECTED, "make up"),
        (botocore.NoCredentialsError(), Ending.NOT_CONNECTED, "does not know who asks"),
        (botocore.NoRegionError(), Ending.NOT_CONNECTED, "--region"),
        (botocore.EndpointConnectionError(endpoint_url="http://x"), Ending.NOT_CONNECTED, "make up"),
        (_refused("ExpiredToken"), Ending.NOT_CONNECTED, "sign in again"),
        (_refused("AccessDenied"), Ending.NOT_CONNECTED, "AccessDenied ReceiveMessage): attach the policy"),
        (QueryError(cause=_refused("AccessDeniedException")), Ending.NOT_CONNECTED, "OperatorPolicyArn"),
        (_refused("InternalError"), Ending.AWS_FAILED, "AWS failed (InternalError)"),
        (botocore.ReadTimeoutError(endpoint_url="http://x"), Ending.AWS_FAILED, "AWS failed (ReadTimeoutError)"),
        (StorageUnavailable(retry_after_seconds=1), Ending.AWS_FAILED, "Try again"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_failure_is_told_when_it_ends_a_command(error: Exception, ending: Ending, words: str) -> None:
    """AWS's own words stay away unless they are about who asks; what to do does not."""
    code, sentence = explain(error)

    assert code == ending
    assert words in sentence
    assert "words of AWS" not in sentence
