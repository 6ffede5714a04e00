"""EventBridge's matching as moto does it, the oracle of the rule tests; only this file knows moto's private class."""

import json
from typing import Any

from moto.events.models import EventPattern


def is_matched(event: dict[str, Any], pattern: dict[str, Any]) -> bool:
    """Return whether a rule with `pattern` delivers `event`."""
    return EventPattern(json.dumps(pattern), pattern).matches_event(event)  # type: ignore[arg-type]
