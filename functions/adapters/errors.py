"""What AWS failures mean to the domain."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from pynamodb.exceptions import PynamoDBException

from domain.model.errors import LostRace, StorageUnavailable, Throttled

RETRY_AFTER_SECONDS = 1

CONTENTION = frozenset({"TransactionConflict", "TransactionConflictException"})
"""Codes that mean: others are writing here right now. Nothing was written; the same is worth trying again.

`TransactionInProgressException` is none of them: what is in progress is our own first try,
for whose answer botocore did not wait. It may yet be written, so that a new try would write the same twice.
"""

THROTTLING = frozenset(
    {
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
"""Codes that mean: too many requests. Nothing was written here either."""

DEFECTS = frozenset(
    {
        "ValidationException",
        "AccessDenied",
        "AccessDeniedException",
        "ResourceNotFoundException",
        # What a race or a condition explains was told apart before; a cancelled transaction that is left is too large.
        "TransactionCanceledException",
        "NoSuchBucket",
        "AWS.SimpleQueueService.NonExistentQueue",
    }
)
"""Codes that mean that we asked for something wrong; they must be seen, not repeated."""

AwsFailure = PynamoDBException | ClientError | BotoCoreError


def code_of(error: AwsFailure) -> str | None:
    """Return the service's error code; None when no answer came."""
    # PynamoDB's own `cause_response_code` raises AttributeError after a read timeout, whose `response` is None.
    cause = _cause(error)
    return str(cause.response.get("Error", {}).get("Code")) if isinstance(cause, ClientError) else None


def _cause(error: AwsFailure) -> Exception | None:
    return error.cause if isinstance(error, PynamoDBException) else error


def _is_defect(error: AwsFailure) -> bool:
    # botocore refuses arguments that do not fit by itself, without asking the service.
    return isinstance(_cause(error), ParamValidationError) or code_of(error) in DEFECTS


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn failures of the store inside the block into the domain's words.

    Raises:
        LostRace: contention; nothing was written.
        Throttled: too many requests; nothing was written.
        StorageUnavailable: the store did not answer; whether something was written is unknown.
        PynamoDBException, ClientError, ParamValidationError: our own mistake, as it came.
    """
    try:
        yield
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        if _is_defect(error):
            raise
        if code_of(error) in CONTENTION:
            raise LostRace from error
        if code_of(error) in THROTTLING:
            raise Throttled from error
        raise StorageUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS) from error
