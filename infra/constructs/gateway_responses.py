"""What the gateway answers by itself, in the same shape, words and headers as the functions.

| Code | When the gateway says it |
|---|---|
| UNAUTHENTICATED | no valid token, however it failed: telling which would help who guesses |
| ROUTE_NOT_FOUND | unknown path or method; for both the gateway says "missing authentication token" |
| PAYLOAD_TOO_LARGE | body over the gateway's own limit |
| MALFORMED_JSON | a request that the gateway cannot read; the contract's one code for "send it differently" |
| RATE_LIMITED | over the stage's rate |
| STORAGE_UNAVAILABLE | what is behind the gateway did not answer; the contract's one code for "repeat it later" |
| INTERNAL_ERROR | anything else: a defect of ours |
"""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway

from domain.model.errors import Refusal
from functions.runtime.cors import cors_headers
from functions.runtime.http import HEADERS
from functions.runtime.problems import STATUSES, InternalError, PayloadTooLarge, Unauthenticated, headers_of, problem
from infra.gateway_refusals import RateLimited, RouteNotFound, Unanswered, Unreadable

_TYPES = apigateway.ResponseType
_REQUEST_ID = "context.requestId"


_UNAUTHENTICATED = Unauthenticated()
_ROUTE_NOT_FOUND = RouteNotFound()
_UNREADABLE = Unreadable()
_RATE_LIMITED = RateLimited(retry_after_seconds=1)
_UNANSWERED = Unanswered(retry_after_seconds=1)
_INTERNAL_ERROR = InternalError()

GATEWAY_RESPONSES: tuple[tuple[apigateway.ResponseType, Refusal], ...] = (
    (_TYPES.UNAUTHORIZED, _UNAUTHENTICATED),
    (_TYPES.ACCESS_DENIED, _UNAUTHENTICATED),
    (_TYPES.EXPIRED_TOKEN, _UNAUTHENTICATED),
    (_TYPES.INVALID_API_KEY, _UNAUTHENTICATED),
    (_TYPES.INVALID_SIGNATURE, _UNAUTHENTICATED),
    (_TYPES.MISSING_AUTHENTICATION_TOKEN, _ROUTE_NOT_FOUND),
    (_TYPES.RESOURCE_NOT_FOUND, _ROUTE_NOT_FOUND),
    (_TYPES.REQUEST_TOO_LARGE, PayloadTooLarge()),
    (_TYPES.BAD_REQUEST_BODY, _UNREADABLE),
    (_TYPES.BAD_REQUEST_PARAMETERS, _UNREADABLE),
    (_TYPES.UNSUPPORTED_MEDIA_TYPE, _UNREADABLE),
    (_TYPES.THROTTLED, _RATE_LIMITED),
    (_TYPES.QUOTA_EXCEEDED, _RATE_LIMITED),
    # A web ACL's usual rule on an API like this is a rate, and the contract has no code for any other.
    (_TYPES.WAF_FILTERED, _RATE_LIMITED),
    (_TYPES.AUTHORIZER_FAILURE, _UNANSWERED),
    (_TYPES.INTEGRATION_FAILURE, _UNANSWERED),
    (_TYPES.INTEGRATION_TIMEOUT, _UNANSWERED),
    (_TYPES.API_CONFIGURATION_ERROR, _INTERNAL_ERROR),
    (_TYPES.AUTHORIZER_CONFIGURATION_ERROR, _INTERNAL_ERROR),
    (_TYPES.DEFAULT_4_XX, _UNREADABLE),
    (_TYPES.DEFAULT_5_XX, _INTERNAL_ERROR),
)
"""Every type that API Gateway has."""


def add_gateway_responses(api: apigateway.RestApi, cors_origins: Sequence[str]) -> None:
    """Give `api` all of them, readable for web pages of these origins, if any."""
    for type_, refusal in GATEWAY_RESPONSES:
        api.add_gateway_response(
            type_.response_type,
            type=type_,
            status_code=str(STATUSES[refusal.code]),
            response_headers=_headers(refusal, cors_origins),
            templates={"application/json": problem(refusal, f"${_REQUEST_ID}").model_dump_json(exclude_none=True)},
        )


def _headers(refusal: Refusal, cors_origins: Sequence[str]) -> dict[str, str]:
    """Return headers as API Gateway maps them: a constant is in single quotes."""
    constants = HEADERS | headers_of(refusal)
    if cors_origins:
        # The gateway cannot choose among several here. These answers are the same for everybody and nobody's secret,
        # and credentials are never allowed, so any page may read them.
        allowed = cors_origins[0] if len(cors_origins) == 1 else "*"
        constants |= cors_headers({allowed}, allowed)
    # The client's own X-Correlation-Id is not repeated: nobody has looked at it yet.
    return {name: f"'{value}'" for name, value in constants.items()} | {"X-Correlation-Id": _REQUEST_ID}
