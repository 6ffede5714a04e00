"""What clients of a session did and were told, and when: recorded while they race, judged afterwards."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from domain.model.errors import Refusal, StorageUnavailable
from domain.model.value import CorrelationId, SessionKey, Trace
from domain.queries.list_events import ListEventsQuery
from functions.adapters.dynamodb.models import LOG_PREFIX, seq_of, session_pk
from functions.catalog import row
from functions.runtime.dotted import load
from tests.support.session_state import Json
from tests.support.system import TRACE, System

NEVER = float("inf")


@dataclass(frozen=True)
class Operation:
    """One call of a client's.

    Attributes:
        id: Correlation id, which every fact it caused carries.
        name: Of the function.
        fields: What was asked for.
        key: The idempotency key; None without.
        invoked: Seconds of the machine's monotonic clock, which all its processes share.
        returned: Same; `NEVER` when nobody knows what has become of it.
        answer: The body; None when it was refused, or nobody knows.
        code: Of the refusal; None otherwise.
        is_replayed: Whether the answer came with `Idempotent-Replayed`.
    """

    id: str
    name: str
    fields: Json
    key: str | None
    invoked: float
    returned: float = NEVER
    answer: Json | None = None
    code: str | None = None
    is_replayed: bool = False

    def __str__(self) -> str:
        """Return it as a line of a report."""
        told = self.code or ("unknown" if self.answer is None else self.answer)
        when = f"{self.invoked:.4f}–{self.returned:.4f}"
        return f"{self.id} {when} {self.name} {self.fields} key={self.key} replayed={self.is_replayed} → {told}"


@dataclass(frozen=True)
class Committed:
    """One commit of the log.

    Attributes:
        operation: Id of the client's operation that wrote it; None when a worker did.
        events: As a client reads them, in order.
    """

    operation: str | None
    events: Sequence[Json]


@dataclass
class Client:
    """Somebody who uses one session and remembers everything.

    Attributes:
        name: Makes the ids of its operations its own.
    """

    system: System
    key: SessionKey
    name: str
    done: list[Operation] = field(default_factory=list)

    def do(self, name: str, key: str | None = None, **fields: Any) -> Operation:
        """Carry out one function of the catalog and return what came of it."""
        function = row(name)
        op_id = f"{self.name}.{len(self.done)}"
        message_class: Any = load(function.message)
        context: Json = {
            "user": self.key.user,
            "session_id": self.key.session_id,
            "trace": Trace(correlation_id=CorrelationId(op_id)),
        } | ({"idempotency_key": key} if key else {})
        message = message_class.model_validate(context | fields)
        told: Json = {}
        invoked = time.monotonic()
        try:
            answer = self.system.registry.execute(message)
        except StorageUnavailable:
            told = {"returned": NEVER}
        except Refusal as refusal:
            told = {"returned": time.monotonic(), "code": refusal.code}
        else:
            body = answer.model_dump(mode="json", exclude_none=True)
            told = {"returned": time.monotonic(), "answer": body, "is_replayed": answer.is_replayed}
        operation = Operation(id=op_id, name=name, fields=fields, key=key, invoked=invoked, **told)
        self.done.append(operation)
        return operation


def read_log(system: System, key: SessionKey, client: BaseClient, table: str) -> list[Committed]:
    """Return the log of a session that nobody writes to any more, commit by commit.

    Args:
        system: Reads what clients read.
        key: The session.
        client: Of DynamoDB; knows where a commit ends and who wrote it.
        table: Where.
    """
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="PK = :pk AND begins_with(SK, :log)",
        ExpressionAttributeValues={":pk": {"S": session_pk(key)}, ":log": {"S": LOG_PREFIX}},
        ConsistentRead=True,
    )
    items = [item for page in pages for item in page["Items"] if item["k"]["S"] == "commit"]
    events = _events(system, key)
    log: list[Committed] = []
    first = 0
    for item in items:
        last = seq_of(item["SK"]["S"])
        # What a worker commits was caused by a fact; a client's command was not.
        writer = None if "cu" in item or item["co"]["S"] == TRACE.correlation_id else item["co"]["S"]
        log.append(Committed(writer, events[first:last]))
        first = last
    return log


def _events(system: System, key: SessionKey) -> list[Json]:
    events: list[Json] = []
    has_more = True
    while has_more:
        after = len(events)
        query = ListEventsQuery(user=key.user, session_id=key.session_id, trace=TRACE, after=after, limit=200)
        page = system.registry.execute_query(query)
        events += [event.model_dump(mode="json", exclude_none=True) for event in page.items]
        has_more = page.has_more
    return events
