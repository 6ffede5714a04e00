"""How an operator's command can end: exit codes, and every error as one sentence that says what to do."""

from enum import IntEnum

from botocore import exceptions as botocore
from pynamodb.exceptions import PynamoDBException

from clients.terminal import endings
from domain.model.errors import LostRace, StorageUnavailable
from functions.adapters.errors import code_of
from infra.local.errors import LocalCloudError


class Ending(IntEnum):
    """Exit codes; those that the client has too are the client's."""

    DONE = 0
    SOMETHING_LEFT = 1
    REFUSED = endings.Ending.REFUSED.value
    NOT_CONNECTED = endings.Ending.NOT_CONNECTED.value
    AWS_FAILED = 4
    INTERRUPTED = endings.Ending.INTERRUPTED.value


class Refused(Exception):  # noqa: N818  # says what was given
    """What the person gave cannot be used; the text says why and what to do."""


class NotConnected(Exception):  # noqa: N818  # names the state, not a defect
    """There is no stack to work on, or no way to it; the text says what to do."""


FAILURES = (
    Refused,
    NotConnected,
    LocalCloudError,
    PynamoDBException,
    botocore.BotoCoreError,
    botocore.ClientError,
    LostRace,
    StorageUnavailable,
)
"""What can go wrong without anybody's mistake in this program."""

_NOBODY = (
    botocore.NoCredentialsError,
    botocore.PartialCredentialsError,
    botocore.CredentialRetrievalError,
    botocore.TokenRetrievalError,
    botocore.SSOError,
    botocore.ProfileNotFound,
    botocore.NoRegionError,
)
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
_FORBIDDEN = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def explain(error: Exception) -> tuple[Ending, str]:
    """Return how one of `FAILURES` ends the command, and a sentence about it.

    >>> explain(Refused("No such kind."))
    (<Ending.REFUSED: 2>, 'No such kind.')
    """
    if isinstance(error, Refused):
        return Ending.REFUSED, str(error)
    if isinstance(error, (NotConnected, LocalCloudError)):
        return Ending.NOT_CONNECTED, str(error)
    if isinstance(error, _NOBODY):
        said = str(error).rstrip(".")
        return Ending.NOT_CONNECTED, f"AWS does not know who asks ({said}): sign in, or name --profile and --region."
    if isinstance(error, botocore.EndpointConnectionError):
        return Ending.NOT_CONNECTED, f"{error} For the local cloud: `make up`."
    if isinstance(error, (LostRace, StorageUnavailable)):
        return Ending.AWS_FAILED, "The table does not answer; what was not done waits where it was. Try again."
    return _explain_aws(error)


def _explain_aws(error: Exception) -> tuple[Ending, str]:
    code = code_of(error) if isinstance(error, (PynamoDBException, botocore.ClientError)) else None
    if code in _EXPIRED:
        return Ending.NOT_CONNECTED, f"AWS does not take your sign-in any more ({code}): sign in again."
    if code in _FORBIDDEN:
        asked = f" {error.operation_name}" if isinstance(error, botocore.ClientError) else ""
        return (
            Ending.NOT_CONNECTED,
            f"You may not do that here ({code}{asked}): attach the policy of the stack's output OperatorPolicyArn.",
        )
    return Ending.AWS_FAILED, f"AWS failed ({code or type(error).__name__}); what was not done waits where it was."
