"""Hooks of schemathesis: what it is told to leave out, and what it has to see to besides its own checks."""

import re
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from tests.fuzz.judge import faults

REFUSED_THOUGH_WELL_FORMED: Mapping[str, str] = {
    r"IDEMPOTENCY_KEY_REUSED ": "whether a key was used before is no matter of form",
    r"VALIDATION_ERROR cursor": "any text may be a cursor, but only those that were given out are",
    r"VALIDATION_ERROR tools\.\d+\.parameters.*": "a tool's schema is JSON Schema, of which we take a part",
    r"VALIDATION_ERROR (tools|policies).*": "limits over the whole: 32 KB, names taken, patterns that backtrack",
    r"VALIDATION_ERROR title": "400 bytes after trimming, which JSON Schema cannot say",
    r"VALIDATION_ERROR modified_arguments.*": "what fits depends on the tool that was asked for",
}
"""Refusals of requests that fit their schema, as code and field, and why no schema can foretell them."""


@schemathesis.hook
def map_query(_: HookContext, query: dict[str, Any]) -> dict[str, Any]:
    """Wait for nothing: a poll that waits as it is told to would only make the run long."""
    wait = query.get("wait") if isinstance(query, dict) else None
    return {**query, "wait": 0} if isinstance(wait, (int, float)) and 0 < wait <= 20 else query


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Return whether a failure is one: what `REFUSED_THOUGH_WELL_FORMED` explains is none."""
    del case
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = response.json()
    fields = [error["field"] for error in problem.get("errors", ())] or [""]
    told = [f"{problem['code']} {field}" for field in fields]
    return not all(any(re.fullmatch(known, one) for known in REFUSED_THOUGH_WELL_FORMED) for one in told)


@schemathesis.check
def is_as_promised(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail unless the answer is one of ours: its headers, and with a refusal a problem document with its code."""
    del case
    headers = {name.lower(): values[0] for name, values in response.headers.items()}
    found = faults(response.status_code, headers, response.text)
    assert not found, found
