"""Every way in which a neighbour fails: what comes over the wire, and what kind of failure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from functions.adapters.seam import CONNECT_SECONDS
from tests.support import aws_wire, bedrock_wire
from tests.support.aws_wire import BEDROCK, DYNAMODB, EVENTBRIDGE, S3, SQS
from tests.support.neighbours import Fault, Sent


class Sort(StrEnum):
    """What a fault means to whoever asked."""

    SILENT = "silent"
    """Nobody answers, or not as they should."""
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    """Somebody else writes the same item."""


@dataclass(frozen=True)
class NeighbourFault:
    """A fault and its sort."""

    happen: Fault
    sort: Sort = Sort.SILENT


def _refused(sent: Sent) -> NoReturn:
    raise EndpointConnectionError(endpoint_url=sent.request.url)


def _not_connected(sent: Sent) -> NoReturn:
    sent.clock.advance(CONNECT_SECONDS)
    raise ConnectTimeoutError(endpoint_url=sent.request.url)


def _reset(sent: Sent) -> NoReturn:
    raise ConnectionClosedError(endpoint_url=sent.request.url)


def _silent(sent: Sent) -> NoReturn:
    sent.clock.advance(CONNECT_SECONDS + sent.patience)
    raise ReadTimeoutError(endpoint_url=sent.request.url)


def _answer_lost(sent: Sent) -> NoReturn:
    sent.carry_out()
    _silent(sent)


def _answer_cut(sent: Sent) -> NoReturn:
    sent.carry_out()
    _reset(sent)


def _half_an_answer(sent: Sent) -> AWSResponse:
    return aws_wire.half(sent.carry_out())


def _error(status: int, code: str, **fields: Any) -> Fault:
    return lambda sent: aws_wire.error(sent.service, sent.request, status, code, **fields)


def _balancer(sent: Sent) -> AWSResponse:
    """Answer as what stands before a service does when nothing stands behind it."""
    return aws_wire.answered(sent.request, 503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})


def _throttled(status: int, code: str, **fields: Any) -> NeighbourFault:
    return NeighbourFault(_error(status, code, **fields), Sort.THROTTLED)


def _cancelled(code: str, sort: Sort) -> NeighbourFault:
    reasons = [{"Code": code, "Message": "scripted"}, {"Code": "None"}]
    return NeighbourFault(_error(400, "TransactionCanceledException", CancellationReasons=reasons), sort)


def _some_entries_refused(sent: Sent) -> AWSResponse:
    """Take what is asked and say of the first that it was not; the bus may well do so."""
    answer = _read(sent)
    answer["Entries"][0] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "scripted"}
    return aws_wire.success(sent.service, sent.request, answer | {"FailedEntryCount": 1})


def _entries_refused(sent: Sent) -> AWSResponse:
    refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "scripted"}
    count = len(_asked(sent)["Entries"])
    return aws_wire.success(sent.service, sent.request, {"FailedEntryCount": count, "Entries": [refused] * count})


def _messages_refused(sent: Sent) -> AWSResponse:
    failed = [
        {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError", "Message": "scripted"}
        for entry in _asked(sent)["Entries"]
    ]
    return aws_wire.success(sent.service, sent.request, {"Failed": failed})


def _stumbles(stop: str = "") -> Fault:
    return lambda sent: aws_wire.success(BEDROCK, sent.request, bedrock_wire.answer("", stop=stop))


def _asked(sent: Sent) -> Any:
    return aws_wire.read(sent.request.body)


def _read(sent: Sent) -> Any:
    return aws_wire.read(sent.carry_out().content)


EVERYWHERE: Mapping[str, NeighbourFault] = {
    "connection refused": NeighbourFault(_refused),
    "connect timeout": NeighbourFault(_not_connected),
    "connection reset": NeighbourFault(_reset),
    "read timeout": NeighbourFault(_silent),
    "answer lost": NeighbourFault(_answer_lost),
    "connection cut in the answer": NeighbourFault(_answer_cut),
    "half an answer": NeighbourFault(_half_an_answer),
    "503 of a load balancer": NeighbourFault(_balancer),
}

BY_SERVICE: Mapping[str, Mapping[str, NeighbourFault]] = {
    DYNAMODB: {
        "InternalServerError": NeighbourFault(_error(500, "InternalServerError")),
        "ThrottlingException": _throttled(400, "ThrottlingException"),
        "ProvisionedThroughputExceededException": _throttled(400, "ProvisionedThroughputExceededException"),
        "RequestLimitExceeded": _throttled(400, "RequestLimitExceeded"),
    },
    S3: {
        "InternalError": NeighbourFault(_error(500, "InternalError")),
        "SlowDown": NeighbourFault(_error(503, "SlowDown")),
    },
    SQS: {
        "InternalFailure": NeighbourFault(_error(500, "InternalFailure")),
        "RequestThrottled": NeighbourFault(_error(400, "RequestThrottled")),
    },
    EVENTBRIDGE: {
        "InternalException": NeighbourFault(_error(500, "InternalException")),
        "ThrottlingException": NeighbourFault(_error(400, "ThrottlingException")),
    },
    BEDROCK: {
        "InternalServerException": NeighbourFault(_error(500, "InternalServerException")),
        "ServiceUnavailableException": NeighbourFault(_error(503, "ServiceUnavailableException")),
        "ThrottlingException": NeighbourFault(_error(429, "ThrottlingException")),
        "ModelNotReadyException": NeighbourFault(_error(429, "ModelNotReadyException")),
        "ModelTimeoutException": NeighbourFault(_error(408, "ModelTimeoutException")),
        "ModelErrorException": NeighbourFault(_error(424, "ModelErrorException")),
        "a malformed tool call": NeighbourFault(_stumbles("malformed_tool_use")),
        "an answer in no format": NeighbourFault(_stumbles("malformed_model_output")),
        "an empty answer": NeighbourFault(_stumbles()),
    },
}
"""Faults of every operation of a service. One that is called and not named here fails a test."""

_CONFLICT = NeighbourFault(_error(400, "TransactionConflictException"), Sort.CONFLICT)

BY_OPERATION: Mapping[str, Mapping[str, NeighbourFault]] = {
    "dynamodb.UpdateItem": {"TransactionConflictException": _CONFLICT},
    "dynamodb.TransactWriteItems": {
        "TransactionInProgressException": NeighbourFault(_error(400, "TransactionInProgressException")),
        "cancelled for a TransactionConflict": _cancelled("TransactionConflict", Sort.CONFLICT),
        "cancelled for a ThrottlingError": _cancelled("ThrottlingError", Sort.THROTTLED),
        "cancelled for ProvisionedThroughputExceeded": _cancelled("ProvisionedThroughputExceeded", Sort.THROTTLED),
    },
    "eventbridge.PutEvents": {
        "some entries refused": NeighbourFault(_some_entries_refused),
        "all entries refused": NeighbourFault(_entries_refused),
    },
    "sqs.SendMessageBatch": {"all messages refused": NeighbourFault(_messages_refused)},
}
"""What further can happen to single operations."""


def faults_of(operation: str) -> Mapping[str, NeighbourFault]:
    """Return every fault of `service.Operation`.

    Raises:
        KeyError: nobody has said how this service fails: add it to `BY_SERVICE`.
    """
    return {**EVERYWHERE, **BY_SERVICE[operation.partition(".")[0]], **BY_OPERATION.get(operation, {})}


def fault_named(operation: str, name: str) -> NeighbourFault:
    """Return one of them."""
    return faults_of(operation)[name]
