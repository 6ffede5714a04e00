"""What AWS failures mean."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from pynamodb.exceptions import GetError, PutError, PynamoDBException, TransactWriteError, UpdateError

from domain.model.errors import LostRace, SessionNotFound, StorageUnavailable
from functions.adapters.errors import CONTENTION, DEFECTS, code_of, storage_errors

UNAVAILABLE = (
    "InternalServerError",
    "InternalError",
    "ServiceUnavailable",
    "SlowDown",
    "NoSuchKey",
    "ExpiredTokenException",
    "ReceiptHandleIsInvalid",
    "InvalidParameterValue",
    "SomethingNewException",
)
SILENCE: tuple[BotoCoreError, ...] = (
    ReadTimeoutError(endpoint_url="https://aws"),
    ConnectTimeoutError(endpoint_url="https://aws"),
    EndpointConnectionError(endpoint_url="https://aws"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    NoCredentialsError(),
)
WRONG_ARGUMENTS = ParamValidationError(report="Invalid type for parameter Key")


def client_error(code: str) -> ClientError:
    """Return what botocore raises for an error answer with `code`."""
    return ClientError({"Error": {"Code": code, "Message": "scripted"}}, "Operation")


def wrapped(cause: Exception) -> list[Exception]:
    """Return an error as botocore raises it, and as PynamoDB passes it on."""
    return [cause, *(kind("failed", cause) for kind in (GetError, PutError, UpdateError, TransactWriteError))]


def raise_inside(error: Exception) -> None:
    """Raise `error` where a store is used."""
    with storage_errors():
        raise error


def shown(error: Any) -> str:
    """Return how a case is called."""
    return f"{type(error).__name__}-{code_of(error) or type(getattr(error, 'cause', None)).__name__}"


@pytest.mark.parametrize("error", [e for code in sorted(CONTENTION) for e in wrapped(client_error(code))], ids=shown)
def test_contention_is_a_lost_race_when_others_write_right_now(error: Exception) -> None:
    """Nothing was written, and the same is worth trying again."""
    with pytest.raises(LostRace) as raised:
        raise_inside(error)

    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", wrapped(client_error("TransactionInProgressException")), ids=shown)
def test_outcome_is_unknown_when_the_own_transaction_is_still_in_progress(error: Exception) -> None:
    """A lost race would be tried anew with what is then there: the message of the first try, perhaps, a second time."""
    with pytest.raises(StorageUnavailable) as raised:
        raise_inside(error)

    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [e for code in UNAVAILABLE for e in wrapped(client_error(code))], ids=shown)
def test_failure_is_storage_unavailable_when_the_service_failed(error: Exception) -> None:
    """Whatever a service's failure is called, it may be gone in a second."""
    with pytest.raises(StorageUnavailable) as raised:
        raise_inside(error)

    assert raised.value.retry_after_seconds == 1
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [e for silence in SILENCE for e in wrapped(silence)], ids=shown)
def test_silence_is_storage_unavailable_when_no_answer_came(error: Exception) -> None:
    """Without an answer nobody knows what was written."""
    with pytest.raises(StorageUnavailable):
        raise_inside(error)


@pytest.mark.parametrize(
    "error",
    [*(e for code in sorted(DEFECTS) for e in wrapped(client_error(code))), *wrapped(WRONG_ARGUMENTS)],
    ids=shown,
)
def test_defect_passes_through_when_we_asked_for_something_wrong(error: Exception) -> None:
    """Our own mistake must be seen; a repeat would not mend it."""
    with pytest.raises(type(error)) as raised:
        raise_inside(error)

    assert raised.value is error


@pytest.mark.parametrize("error", [SessionNotFound(), LostRace(), ValueError(), KeyError()])
def test_other_errors_pass_through_when_they_are_not_the_stores(error: Exception) -> None:
    """Only the store's own failures are translated."""
    with pytest.raises(type(error)) as raised:
        raise_inside(error)

    assert raised.value is error


def test_nothing_is_raised_when_nothing_failed() -> None:
    """A block that works goes on."""
    with storage_errors():
        done = True

    assert done


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (client_error("Throttled"), "Throttled"),
        (ClientError({}, "Operation"), "None"),
        (PutError(cause=client_error("Throttled")), "Throttled"),
        (PutError(cause=SILENCE[0]), None),
        (PynamoDBException("no cause"), None),
        (SILENCE[0], None),
    ],
)
def test_code_is_the_services_when_one_answered(error: Any, code: str | None) -> None:
    """The code is found wherever the error came from; without an answer there is none."""
    assert code_of(error) == code
