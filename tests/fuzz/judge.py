"""What every answer to a hostile request has to be."""

import json
from collections.abc import Mapping
from typing import Any

from functions.runtime.http import HEADERS, SANE_CORRELATION_ID
from functions.runtime.problems import STATUSES

PROBLEM = "application/problem+json"


def faults(status: int, headers: Mapping[str, str], body: str) -> list[str]:
    """Return what is wrong with an answer; nothing when it is one of ours.

    Args:
        status: Of the answer.
        headers: By names in lower case.
        body: As text.
    """
    found = [f"{name} is missing" for name, value in HEADERS.items() if headers.get(name.lower()) != value]
    correlation_id = headers.get("x-correlation-id", "")
    if not SANE_CORRELATION_ID.fullmatch(correlation_id):
        found.append(f"the correlation id is {correlation_id[:100]!r}")
    if status >= 500:
        found.append(f"status {status}")
    try:
        told = json.loads(body)
    except ValueError:
        return [*found, "the body is no JSON"]
    return found if status < 400 else [*found, *_faults_of_problem(status, headers, told, correlation_id)]


def _faults_of_problem(status: int, headers: Mapping[str, str], told: Any, correlation_id: str) -> list[str]:
    found = []
    if headers.get("content-type") != PROBLEM:
        found.append(f"a refusal as {headers.get('content-type')}")
    if not isinstance(told, dict) or STATUSES.get(told.get("code", "")) != status or told.get("status") != status:
        return [*found, f"status {status} without its code"]
    if told["correlation_id"] != correlation_id:
        found.append("body and header name two correlation ids")
    return found
