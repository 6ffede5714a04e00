"""Sample events: one JSON per function and per fact, which unit tests, rule tests and `sam local invoke` share."""

import json
from pathlib import Path
from typing import Any

from domain.model.value import SessionKey
from functions.runtime.http import user_of

EVENTS = Path(__file__).parents[2] / "events"
FACTS_FOLDER = EVENTS / "facts"


def sample(function: str) -> dict[str, Any]:
    """Return the event that Lambda gives to `function`, a new one each time."""
    event: dict[str, Any] = json.loads((EVENTS / f"{function}.json").read_text(encoding="utf-8"))
    return event


def fact_sample(fact: str) -> dict[str, Any]:
    """Return the EventBridge event of the fact class called `fact`, a new one each time."""
    event: dict[str, Any] = json.loads((FACTS_FOLDER / f"{fact}.json").read_text(encoding="utf-8"))
    return event


def sample_key() -> SessionKey:
    """Return the session that all samples are about."""
    event = sample("get_session")
    return SessionKey(user=user_of(event), session_id=event["pathParameters"]["session_id"])
