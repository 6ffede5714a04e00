"""What AWS failures mean to the domain."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from domain.model.errors import LostRace, StorageUnavailable

RETRY_AFTER_SECONDS = 1

CONTENTION = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
"""Codes that mean: others are writing here right now. Nothing was written; the same is worth trying again."""


DEFECTS = frozenset({"ValidationException", "AccessDeniedException", "ResourceNotFoundException"})
"""Codes that mean that we asked for something wrong; they must be seen, not repeated."""


def code_of(error: PynamoDBException | ClientError) -> str | None:
    """Return the service's error code; None when no answer came."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code"))
    return error.cause_response_code


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn failures of the store inside the block into the domain's words.

    Raises:
        LostRace: contention; nothing was written.
        StorageUnavailable: the store did not answer; whether something was written is unknown.
        PynamoDBException, ClientError: our own mistake, as it came.
    """
    try:
        yield
    except (PynamoDBException, ClientError) as error:
        if code_of(error) in CONTENTION:
            raise LostRace from error
        if code_of(error) in DEFECTS:
            raise
        raise StorageUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS) from error
    except BotoCoreError as error:
        raise StorageUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS) from error
