"""Two users of one table: an owner who has one of everything, and a stranger who knows all of his ids."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from domain.model.approval import approval_id_of
from domain.model.value import UserId
from functions.adapters.aws import Aws
from functions.runtime.http import user_of
from functions.runtime.settings import Settings
from tests.support.builders import calls, reads, scripted_model, text, wants
from tests.support.edge import Edge, Response
from tests.support.entities import make_custom_tool, make_rule
from tests.support.plans import make_plan_arguments
from tests.support.samples import sample
from tests.support.system import System

SECRET = "c4n4ry"  # a mark, in everything that the owner says
OWNERS_KEY = f"{SECRET}-key"
"""The idempotency key of each of his commands."""
NOWHERE = "nobodys"
"""A session that nobody has; as long as the owner's, so that requests for both are of one size."""
HAS_CALL, HAS_PLAN = "private", "planned"
LARGE = 400_000
"""Bytes of a result that does not fit an item."""


def claims_of(subject: object, issuer: str = "https://issuer.example") -> dict[str, Any]:
    """Return what the authorizer says of a user."""
    return {"claims": {"iss": issuer, "sub": subject, "exp": "Fri Jan 02 12:00:00 UTC 2026"}}


@dataclass(frozen=True)
class Sent:
    """A request to DynamoDB.

    Attributes:
        body: As text; keys and lists are in one order.
    """

    operation: str
    body: str

    @property
    def partitions(self) -> set[str]:
        """Every partition that it names, wherever."""
        return set(_partitions_in(json.loads(self.body)))


@dataclass
class Tenants:
    """The table of both, and what is asked of it.

    Attributes:
        system: On DynamoDB Local, with a scripted model.
        sent: Requests to DynamoDB since the last look.
        ids: An id of the owner's for each parameter or field that names something of a user's.
    """

    system: System
    sent: list[Sent] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    owner = claims_of("owner")
    stranger = claims_of("stranger")

    def __post_init__(self) -> None:
        self._dynamodb = self.system.get(Aws).client("dynamodb")
        self._own_everything()
        self._dynamodb.meta.events.register("before-send.dynamodb", self._note)

    @property
    def owner_id(self) -> UserId:
        """The owner, as the table knows him."""
        return user_of({"requestContext": {"authorizer": self.owner}})

    @property
    def stranger_id(self) -> UserId:
        """The stranger, as the table knows her."""
        return user_of({"requestContext": {"authorizer": self.stranger}})

    def ask(
        self, name: str, ids: dict[str, str], *, authorizer: Any = None, key: str | None = None, **changes: Any
    ) -> Response:
        """Return the answer to the sample of `name` with other ids, from the stranger unless told otherwise.

        Args:
            name: Of the function.
            ids: Stand in for the sample's, in path and body; others are left out.
            authorizer: Of another user.
            key: The idempotency key.
            changes: Other fields of the event.
        """
        event = sample(name)
        path = {parameter: ids.get(parameter, sent) for parameter, sent in (event["pathParameters"] or {}).items()}
        body = json.loads(event["body"]) if event["body"] else None
        if body is not None:
            body |= {field: value for field, value in ids.items() if field in body}
        return Edge(self.system).send(
            name,
            deepcopy(event)
            | {
                "pathParameters": path or None,
                "body": None if body is None else json.dumps(body),
                "headers": event["headers"] | ({"Idempotency-Key": key} if key else {}),
                "requestContext": {"authorizer": authorizer or self.stranger},
            }
            | changes,
        )

    def requests(self) -> list[Sent]:
        """Return what was sent to DynamoDB since the last call."""
        sent, self.sent = self.sent, []
        return sent

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table, as stored."""
        table = self.system.get(Settings).table
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        found = [item for page in pages for item in page["Items"]]
        self.requests()
        return sorted(found, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))

    def items_of(self, user: UserId) -> list[dict[str, Any]]:
        """Return every item in a user's partitions."""
        return [item for item in self.items() if is_partition_of(user, item["PK"]["S"])]

    def _own_everything(self) -> None:
        system, user = self.system, self.owner_id
        with_plan = system.create(HAS_PLAN, user, agent="architect")
        system.idempotency_key = OWNERS_KEY
        settings = {
            "tools": (make_custom_tool(description=f"{SECRET} deploys"),),
            "policies": (make_rule("delete_file", reason=f"{SECRET} forbids"),),
        }
        with_call = system.create(HAS_CALL, user, agent="coder", title=f"{SECRET} title", **settings)
        scripted_model(system).answers += [
            calls(*reads(f"{SECRET}.py")),
            text(f"{SECRET} answer"),
            calls(wants("write_file", path=f"{SECRET}.md", content=SECRET)),
            calls(wants("create_plan", **make_plan_arguments(()) | {"title": f"{SECRET} plan"})),
        ]
        system.say(with_call, f"{SECRET} says")
        system.work(with_call)
        (call_id,) = system.session(with_call).open_calls
        system.give(with_call, call_id, result=SECRET + "x" * LARGE)
        system.work(with_call)
        system.say(with_call, f"{SECRET} again", idempotency_key=f"{OWNERS_KEY}-2")
        system.work(with_call)
        system.say(with_plan, f"{SECRET} plans")
        system.work(with_plan)
        system.idempotency_key = None
        (call_id,) = system.session(with_call).open_calls
        approval_id = approval_id_of(call_id)
        self.ids |= {"session_id": HAS_CALL, "approval_id": approval_id, "call_id": call_id, "subtask_id": "1"}

    def _note(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> None:
        asked: Any = request.body
        body = json.dumps(_in_order(json.loads(asked)), sort_keys=True)
        self.sent.append(Sent(event_name.rsplit(".", 1)[1], body))


def is_partition_of(user: UserId, partition: str) -> bool:
    """Return whether a partition is one of the user's."""
    return partition == f"USER#{user}" or partition.startswith(f"USER#{user}#")


def _in_order(node: Any) -> Any:
    if isinstance(node, list):
        return sorted((_in_order(child) for child in node), key=str)
    return {key: _in_order(child) for key, child in node.items()} if isinstance(node, dict) else node


def _partitions_in(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [partition for child in node.values() for partition in _partitions_in(child)]
    if isinstance(node, list):
        return [partition for child in node for partition in _partitions_in(child)]
    return [node] if isinstance(node, str) and node.startswith("USER#") else []
