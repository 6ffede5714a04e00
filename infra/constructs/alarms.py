"""CloudWatch alarms on what an operator must see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.metrics import NAMESPACE, Metric
from infra.alarms import ALARMS, Alarm, Source

PERIOD = Duration.minutes(5)


@dataclass(frozen=True)
class Watched:
    """What alarms look at.

    Attributes:
        dead_ends: Queues behind which nothing comes.
        turns: The queue of turns.
        relay: The function behind the table's stream.
        stage: Of the API.
        models: Names, as the metrics have them.
    """

    dead_ends: Sequence[sqs.Queue]
    turns: sqs.IQueue
    relay: lambda_.IFunction
    stage: apigateway.Stage
    models: Sequence[str]


class Alarms(Construct):
    """One alarm for each row of `infra.alarms` and each thing it looks at; it rings on `topic_arn`, if there is one.

    Nothing to measure is no reason to ring.

    Args:
        watched: What they look at.
        topic_arn: Of an SNS topic of the deployer's; empty for none.
    """

    def __init__(self, scope: Construct, id_: str, *, watched: Watched, topic_arn: str) -> None:
        super().__init__(scope, id_)
        self._actions = [topic_arn] if topic_arn else None
        for alarm in ALARMS:
            for suffix, metric in _metrics(alarm, watched):
                self._alarm(alarm, f"{alarm.name}{suffix}", metric)

    def _alarm(self, alarm: Alarm, name: str, metric: cloudwatch.Metric) -> None:
        made = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{Stack.of(self).stack_name}-{name}",
            alarm_description=f"{alarm.meaning}. {alarm.action}.",
            metric=metric,
            threshold=alarm.at_least,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._actions and isinstance(made.node.default_child, cloudwatch.CfnAlarm):
            made.node.default_child.alarm_actions = self._actions


def _metrics(alarm: Alarm, watched: Watched) -> Iterator[tuple[str, cloudwatch.Metric]]:
    """Yield what tells the figures of an alarm apart, and each figure."""
    match alarm.source:
        case Source.OURS:
            yield "", _metric(alarm, NAMESPACE, **alarm.dimensions)
        case Source.MODELS:
            for place, model in enumerate(watched.models, 1):
                yield f"-{place}", _metric(alarm, NAMESPACE, model=model, **alarm.dimensions)
        case Source.DEAD_ENDS:
            for queue in watched.dead_ends:
                yield f"-{queue.node.id}", _metric(alarm, "AWS/SQS", QueueName=queue.queue_name)
        case Source.TURNS:
            yield "", _metric(alarm, "AWS/SQS", QueueName=watched.turns.queue_name)
        case Source.STREAM:
            yield "", _metric(alarm, "AWS/Lambda", FunctionName=watched.relay.function_name)
        case Source.API:
            stage = watched.stage
            yield "", _metric(alarm, "AWS/ApiGateway", ApiName=Stack.of(stage).stack_name, Stage=stage.stage_name)


def _metric(alarm: Alarm, namespace: str, **dimensions: str) -> cloudwatch.Metric:
    name = alarm.metric.name if isinstance(alarm.metric, Metric) else alarm.metric
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=alarm.statistic,
        period=PERIOD,
    )
