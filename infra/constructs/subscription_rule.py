"""From the bus into a subscriber's queue."""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from domain.services.subscriptions import Subscription
from functions.adapters.eventbridge.pattern import event_pattern
from infra.constructs.event_bus import EventBus
from infra.constructs.queues import EventQueue


class SubscriptionRule(Construct):
    """EventBridge rule derived from subscriptions; the queue's message is the event itself.

    What EventBridge cannot deliver within a day goes to the same dead letters as what the function cannot handle, so
    that one consumer ends both.

    Args:
        bus: Where facts appear.
        subscriptions: Which of them are asked for.
        queues: Where they go.
    """

    def __init__(
        self, scope: Construct, id_: str, *, bus: EventBus, subscriptions: Sequence[Subscription], queues: EventQueue
    ) -> None:
        super().__init__(scope, id_)
        # The L2 rule knows no `$or`.
        rule = events.CfnRule(
            self,
            "Rule",
            event_bus_name=bus.name,
            event_pattern=event_pattern(subscriptions),
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="queue",
                    arn=queues.queue.queue_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=queues.dead.queue_arn),
                )
            ],
        )
        for queue in (queues.queue, queues.dead):
            queue.add_to_resource_policy(_delivery(queue, rule.attr_arn))


def _delivery(queue: sqs.Queue, rule_arn: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["sqs:SendMessage"],
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        resources=[queue.queue_arn],
        conditions={"ArnEquals": {"aws:SourceArn": rule_arn}},
    )
