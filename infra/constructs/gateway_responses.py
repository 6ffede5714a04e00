"""What the gateway answers by itself, in the same shape and words as the functions.

| Code | When the gateway says it |
|---|---|
| UNAUTHENTICATED | no valid token, however it failed: telling which would help who guesses |
| ROUTE_NOT_FOUND | unknown path or method; for both the gateway says "missing authentication token" |
| PAYLOAD_TOO_LARGE | body over the gateway's own limit |
| MALFORMED_JSON | a request that the gateway cannot read or refuses to pass on |
| RATE_LIMITED | over the stage's rate |
| STORAGE_UNAVAILABLE | what is behind the gateway did not answer; the contract's one code for "repeat it later" |
| INTERNAL_ERROR | anything else: a defect of ours |
"""

import json
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

_TYPES = apigateway.ResponseType

_SIGN_IN = "Send a valid, unexpired token of this service's issuer as `Authorization: Bearer <token>`."
_REPEAT = "The service did not answer in time. Repeat the request, with the same Idempotency-Key if it has one."
_UNREADABLE = "The gateway cannot read this request. Send one HTTP request with a JSON body in UTF-8."
_REPORT = "The service failed. Repeat the request later; if it fails again, report the correlation_id."

# Nothing here is to be kept or reinterpreted by a browser or proxy.
_SECURITY_HEADERS = {
    "Cache-Control": "'no-store'",
    "Strict-Transport-Security": "'max-age=63072000; includeSubDomains'",
    "X-Content-Type-Options": "'nosniff'",
    # The client's own X-Correlation-Id is not repeated: nobody has looked at it yet.
    "X-Correlation-Id": "context.requestId",
}


@dataclass(frozen=True)
class Problem:
    """One answer.

    Attributes:
        status: HTTP status, in the body too.
        code: One of the contract's.
        title: The status in words, the same for every problem of that code.
        detail: What the caller can do.
        headers: Sent besides the security headers, as API Gateway maps them: a constant is in single quotes.
    """

    status: int
    code: str
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def body(self) -> str:
        """The template of the body; the gateway fills in the request's id."""
        return json.dumps(
            {
                "type": "about:blank",
                "title": self.title,
                "status": self.status,
                "detail": self.detail,
                "code": self.code,
                "correlation_id": "$context.requestId",
            }
        )


_RETRY = (("Retry-After", "'1'"),)
UNAUTHENTICATED = Problem(401, "UNAUTHENTICATED", "Unauthorized", _SIGN_IN, (("WWW-Authenticate", "'Bearer'"),))
ROUTE_NOT_FOUND = Problem(
    404, "ROUTE_NOT_FOUND", "Not Found", "There is no such operation. Compare path and method with the API's description."
)
PAYLOAD_TOO_LARGE = Problem(413, "PAYLOAD_TOO_LARGE", "Content Too Large", "Send a body of at most 5 MB.")
MALFORMED_JSON = Problem(400, "MALFORMED_JSON", "Bad Request", _UNREADABLE)
RATE_LIMITED = Problem(
    429, "RATE_LIMITED", "Too Many Requests", "Repeat the request after the time in Retry-After.", _RETRY
)
STORAGE_UNAVAILABLE = Problem(503, "STORAGE_UNAVAILABLE", "Service Unavailable", _REPEAT, _RETRY)
INTERNAL_ERROR = Problem(500, "INTERNAL_ERROR", "Internal Server Error", _REPORT)

GATEWAY_RESPONSES: tuple[tuple[apigateway.ResponseType, Problem], ...] = (
    (_TYPES.UNAUTHORIZED, UNAUTHENTICATED),
    (_TYPES.ACCESS_DENIED, UNAUTHENTICATED),
    (_TYPES.EXPIRED_TOKEN, UNAUTHENTICATED),
    (_TYPES.INVALID_API_KEY, UNAUTHENTICATED),
    (_TYPES.INVALID_SIGNATURE, UNAUTHENTICATED),
    (_TYPES.MISSING_AUTHENTICATION_TOKEN, ROUTE_NOT_FOUND),
    (_TYPES.RESOURCE_NOT_FOUND, ROUTE_NOT_FOUND),
    (_TYPES.REQUEST_TOO_LARGE, PAYLOAD_TOO_LARGE),
    (_TYPES.BAD_REQUEST_BODY, MALFORMED_JSON),
    (_TYPES.BAD_REQUEST_PARAMETERS, MALFORMED_JSON),
    (_TYPES.UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON),
    (_TYPES.THROTTLED, RATE_LIMITED),
    (_TYPES.QUOTA_EXCEEDED, RATE_LIMITED),
    # Its usual rule on an API like this is a rate; the contract has no code for any other.
    (_TYPES.WAF_FILTERED, RATE_LIMITED),
    (_TYPES.AUTHORIZER_FAILURE, STORAGE_UNAVAILABLE),
    (_TYPES.INTEGRATION_FAILURE, STORAGE_UNAVAILABLE),
    (_TYPES.INTEGRATION_TIMEOUT, STORAGE_UNAVAILABLE),
    (_TYPES.API_CONFIGURATION_ERROR, INTERNAL_ERROR),
    (_TYPES.AUTHORIZER_CONFIGURATION_ERROR, INTERNAL_ERROR),
    (_TYPES.DEFAULT_4_XX, MALFORMED_JSON),
    (_TYPES.DEFAULT_5_XX, INTERNAL_ERROR),
)
"""Every type that API Gateway has."""


def add_gateway_responses(api: apigateway.RestApi) -> None:
    """Give `api` all of them."""
    for type_, problem in GATEWAY_RESPONSES:
        api.add_gateway_response(
            type_.response_type,
            type=type_,
            status_code=str(problem.status),
            response_headers={**_SECURITY_HEADERS, **dict(problem.headers), "Content-Type": "'application/problem+json'"},
            templates={"application/json": problem.body},
        )
