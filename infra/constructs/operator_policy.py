"""What a person may do who looks after dead letters; for whoever deploys to attach."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.catalog_function import CatalogFunction
from infra.constructs.event_bus import EventBus
from infra.constructs.permission import Permission
from infra.constructs.table import Table


class OperatorPolicy(Construct):
    """A managed policy that nobody has yet: dead letters looked at and sent again, commits read and told again.

    Whoever has it can read every conversation, since commits hold them.

    Args:
        table: Whose commits are read.
        bus: Where they are told again.
        dead: Queues of dead letters.
        origins: Queues that these came from.
        scheduled: Functions that the clock invokes.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table: Table,
        bus: EventBus,
        dead: Sequence[sqs.Queue],
        origins: Sequence[sqs.Queue],
        scheduled: Sequence[CatalogFunction],
    ) -> None:
        super().__init__(scope, id_)
        stack = Stack.of(self).stack_name
        letters = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
        permissions = (
            Permission(
                ("cloudformation:DescribeStacks",),
                (Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=f"{stack}/*"),),
                "Who asks for a stack by its name does not know the id that comes behind it.",
            ),
            Permission(letters, tuple(queue.queue_arn for queue in dead)),
            Permission(("sqs:SendMessage",), tuple(queue.queue_arn for queue in origins)),
            Permission(("lambda:InvokeFunction",), tuple(row.function.function_arn for row in scheduled)),
            Permission(("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"), (table.arn,)),
            Permission(("events:PutEvents",), (bus.arn,)),
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Agent Runtime: look at dead letters and send them again",
            statements=[permission.statement() for permission in permissions],
        )
        for permission in permissions:
            permission.acknowledge(policy)
        self.arn = policy.managed_policy_arn
