"""Refusals that only the gateway speaks; apart from its construct, so that they can be described without the CDK."""

from domain.model.errors import Refusal, StorageUnavailable
from functions.runtime.problems import MalformedJson


class RouteNotFound(Refusal):
    """No such path, or not with this method."""

    code = "ROUTE_NOT_FOUND"
    detail = "There is no such operation. Compare path and method with the description of the API."


class RateLimited(Refusal):
    """Too many requests at once, from everyone together."""

    code = "RATE_LIMITED"
    detail = "Too many requests. Repeat this one after the time in Retry-After."


class Unreadable(MalformedJson):
    """The gateway cannot make out the request; the functions never saw it."""

    detail = "The gateway cannot read this request. Send one JSON object in UTF-8 over plain HTTP/1.1 or HTTP/2."


class Unanswered(StorageUnavailable):
    """What is behind the gateway did not answer; whether it did its work is unknown."""

    detail = (
        "The service did not answer in time. Repeat the request after the time in Retry-After, "
        "with the same Idempotency-Key if it has one."
    )
