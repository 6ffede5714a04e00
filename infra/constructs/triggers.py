"""What invokes the functions that are not behind the API."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.catalog_function import CatalogFunction
from infra.constructs.permission import Permission
from infra.constructs.table import Table

COMMITS_FILTER = {
    "eventName": ["INSERT"],
    "dynamodb": {"Keys": {"SK": {"S": [{"prefix": "LOG#"}]}}, "NewImage": {"k": {"S": ["commit"]}}},
}
"""New log entries; without it every taking and renewal of a lock would invoke the publisher."""


class CommitStream(Construct):
    """The table's stream into the function that publishes facts.

    A batch that fails is halved until the bad record is alone; after 10 tries or an hour its place in the stream goes
    to the parked queue and the shard moves on. The commit itself stays in the log.

    Args:
        consumer: The publishing function.
        table: Whose stream.
        parked: Where the places of what was given up go.
    """

    def __init__(
        self, scope: Construct, id_: str, *, consumer: CatalogFunction, table: Table, parked: sqs.Queue
    ) -> None:
        super().__init__(scope, id_)
        consumer.allow(
            Permission(
                ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"), (table.stream_arn,)
            ),
            Permission(
                ("dynamodb:ListStreams",),
                (f"{table.arn}/stream/*",),
                "The mapping lists the streams of this one table; a stream's name is the time it was made.",
            ),
            Permission(("sqs:SendMessage",), (parked.queue_arn,)),
        )
        lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=consumer.function.function_arn,
            event_source_arn=table.stream_arn,
            starting_position="TRIM_HORIZON",
            batch_size=100,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=10,
            maximum_record_age_in_seconds=3600,
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    lambda_.CfnEventSourceMapping.FilterProperty(pattern=Stack.of(self).to_json_string(COMMITS_FILTER))
                ]
            ),
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=parked.queue_arn)
            ),
        )


class Clock(Construct):
    """EventBridge's clock into a function. Two tries more when it fails; then its event waits with the dead letters.

    Args:
        consumer: The function.
        hours: Between two invocations.
        dead: Where an event goes that the function was not given, or that it failed at.
    """

    TRIES_MORE = 2
    """Lambda's own default and most."""

    def __init__(self, scope: Construct, id_: str, *, consumer: CatalogFunction, hours: int, dead: sqs.Queue) -> None:
        super().__init__(scope, id_)
        events.Rule(
            self,
            "Rule",
            schedule=events.Schedule.rate(Duration.hours(hours)),
            targets=[targets.LambdaFunction(consumer.function, dead_letter_queue=dead)],
        )
        consumer.allow(Permission(("sqs:SendMessage",), (dead.queue_arn,)))
        # The L2 construct would write a policy beside the role.
        lambda_.CfnEventInvokeConfig(
            self,
            "Failures",
            function_name=consumer.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=self.TRIES_MORE,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=dead.queue_arn)
            ),
        )


class QueueConsumer(Construct):
    """A queue into a function, one message at a time, failures reported so that the rest of the queue goes on.

    Args:
        consumer: The function.
        queue: Whose messages.
        max_concurrency: Invocations at a time, 2 to 1000.
    """

    def __init__(
        self, scope: Construct, id_: str, *, consumer: CatalogFunction, queue: sqs.Queue, max_concurrency: int
    ) -> None:
        super().__init__(scope, id_)
        consumer.allow(
            Permission(("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), (queue.queue_arn,))
        )
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=consumer.function,
            event_source_arn=queue.queue_arn,
            batch_size=1,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
