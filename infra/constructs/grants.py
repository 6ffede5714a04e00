"""What each `Grant` of the catalog means in IAM: the named actions on the one resource, nothing more."""

from dataclasses import dataclass

from aws_cdk import aws_sqs as sqs

from functions.catalog import Grant
from infra.constructs.content_bucket import ContentBucket
from infra.constructs.event_bus import EventBus
from infra.constructs.permission import Permission
from infra.constructs.table import Table

_ANY_OBJECT = "The bucket holds nothing but session content, and sessions come and go."


@dataclass(frozen=True)
class Grants:
    """Turns grants into permissions over the resources of one stack.

    Attributes:
        table: The table.
        content: The bucket for large content.
        bus: The bus.
        turns: The queue that starts turns.
        expiries: The queue that brings approvals when their time is over.
        parked: The queue of commits that the bus did not take.
        model: What calling the deployment's model takes.
    """

    table: Table
    content: ContentBucket
    bus: EventBus
    turns: sqs.Queue
    expiries: sqs.Queue
    parked: sqs.Queue
    model: tuple[Permission, ...]

    def permissions(self, grants: frozenset[Grant]) -> list[Permission]:
        """Return what a role may do, in the order of the enumeration."""
        return [permission for grant in Grant if grant in grants for permission in self._meaning(grant)]

    def _meaning(self, grant: Grant) -> tuple[Permission, ...]:
        """Return what one grant means. A transaction is allowed by the actions it consists of."""
        match grant:
            case Grant.TABLE_READ:
                return (
                    Permission(("dynamodb:BatchGetItem", "dynamodb:GetItem"), (self.table.arn,)),
                    Permission(("dynamodb:Query",), (self.table.arn, self.table.index_arn)),
                )
            case Grant.TABLE_WRITE:
                actions = ("dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
                return (Permission(actions, (self.table.arn,)),)
            case Grant.TABLE_SCAN:
                return (Permission(("dynamodb:Scan",), (self.table.arn,)),)
            case Grant.CONTENT_READ | Grant.CONTENT_WRITE:
                action = "s3:GetObject" if grant is Grant.CONTENT_READ else "s3:PutObject"
                return (Permission((action,), (self.content.objects_arn,), _ANY_OBJECT),)
            case Grant.BUS_PUBLISH:
                return (Permission(("events:PutEvents",), (self.bus.arn,)),)
            case Grant.TURNS_EXTEND | Grant.EXPIRIES_EXTEND:
                queue = self.turns if grant is Grant.TURNS_EXTEND else self.expiries
                return (Permission(("sqs:ChangeMessageVisibility",), (queue.queue_arn,)),)
            case Grant.PARK_COMMITS:
                return (Permission(("sqs:SendMessage",), (self.parked.queue_arn,)),)
            case Grant.MODEL_INVOKE:
                return self.model
