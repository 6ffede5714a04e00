"""What AWS answers over HTTP: successes and errors of each service, in its own protocol.

Source:
    The API reference of each service, "Common errors" and the operation's own; botocore's service models.
"""

import json
from binascii import crc32
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

DYNAMODB = "dynamodb"
S3 = "s3"
SQS = "sqs"
EVENTBRIDGE = "eventbridge"
BEDROCK = "bedrock-runtime"

_TYPES = {
    DYNAMODB: "com.amazonaws.dynamodb.v20120810#",
    SQS: "com.amazonaws.sqs#",
    EVENTBRIDGE: "",
}


class _Body(BytesIO):
    """What botocore takes for the socket of an answer."""

    def stream(self, **_: Any) -> Any:
        """Yield the body."""
        yield self.read()


def answered(
    request: AWSPreparedRequest, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> AWSResponse:
    """Return an answer as it comes off the wire."""
    return AWSResponse(
        request.url, status, HTTPHeaders.from_dict({"x-amzn-requestid": "r", **(headers or {})}), _Body(body)
    )


def success(service: str, request: AWSPreparedRequest, body: Mapping[str, Any] | bytes = b"") -> AWSResponse:
    """Return a 200 of `service`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answered(request, 200, content, _sums(service, content))


def error(service: str, request: AWSPreparedRequest, status: int, code: str, **fields: Any) -> AWSResponse:
    """Return a failure of `service` as it words it; `fields` are those of the error besides code and message."""
    if service == S3:
        content = f"<Error><Code>{code}</Code><Message>scripted</Message><RequestId>r</RequestId></Error>".encode()
        return answered(request, status, content, {"Content-Type": "application/xml"})
    if service == BEDROCK:
        return answered(request, status, b'{"message": "scripted"}', {"x-amzn-ErrorType": code})
    content = json.dumps({"__type": _TYPES[service] + code, "message": "scripted", **fields}).encode()
    headers = {"x-amzn-query-error": f"{code};Sender"} if service == SQS else {}
    return answered(request, status, content, {**_sums(service, content), **headers})


def read(content: Any) -> Any:
    """Return what a JSON body says."""
    return json.loads(content)


def half(answer: Any) -> AWSResponse:
    """Return the first half of an answer's body under the checksum, if there is one, of the whole."""
    content = answer.content
    return AWSResponse(answer.url, answer.status_code, answer.headers, _Body(content[: len(content) // 2]))


def _sums(service: str, content: bytes) -> dict[str, str]:
    # DynamoDB alone sends a checksum; what comes from S3 is read as long as it said it would be.
    if service == S3:
        return {"Content-Length": str(len(content))}
    return {"x-amz-crc32": str(crc32(content))} if service == DYNAMODB else {}
