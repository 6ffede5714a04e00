"""Commands that may be sent twice: what is remembered of one, so that a repeat gets the same answer."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.model.value import JsonObject, Value

KEPT = timedelta(hours=24)
"""How long a receipt is honoured; whether it has been deleted by then does not matter."""

IdempotencyKey = Annotated[str, Field(pattern=r"^[ -~]{1,128}$")]
"""Chosen by the client: printable ASCII."""


class ReceiptKey(Value):
    """Names a receipt within a session, or within a user's sessions for a command that creates one.

    Attributes:
        route: The command's name, so that one key may serve one request of each kind.
    """

    route: str
    key: IdempotencyKey


class Receipt(Value):
    """What is remembered of a command that was carried out, written in its commit.

    Attributes:
        fingerprint: Hash of the request; a repeat has the same.
        noted: What the answer can be told from again.
        expires_at: UTC, whole seconds; from then on the key is unused.
    """

    name: ReceiptKey
    fingerprint: str
    noted: JsonObject
    expires_at: datetime
