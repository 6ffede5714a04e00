"""The one stack, wired from the catalog."""

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.catalog import CATALOG, Commits, DeadLetters, Function, Queue, Route, Schedule
from functions.runtime.settings import Settings
from infra.constructs.alarms import Alarms, Watched
from infra.constructs.catalog_function import CatalogFunction, Platform
from infra.constructs.content_bucket import ContentBucket
from infra.constructs.event_bus import EventBus
from infra.constructs.grants import Grants
from infra.constructs.operator_policy import OperatorPolicy
from infra.constructs.queues import EventQueue, dead_end
from infra.constructs.rest_api import RestApi
from infra.constructs.subscription_rule import SubscriptionRule
from infra.constructs.table import Table
from infra.constructs.triggers import Clock, CommitStream, QueueConsumer
from infra.constructs.user_pool import UserPool
from infra.dead_ends import COMMITS, STACK_NAME, dead_ends
from infra.model import Place
from infra.options import Options
from infra.packaging import Packages

TURNS = "turns"
EXPIRIES = "expiries"
"""The queues that settings and grants name."""

DEAD_LETTERS_AT_A_TIME = 2
"""The least that Lambda allows: they are few, and there is no hurry."""


class AgentRuntimeStack(Stack):
    """Everything that a deployment consists of.

    Args:
        options: What this deployment chose.
        packages: The built code.
    """

    def __init__(self, scope: Construct, *, options: Options, packages: Packages) -> None:
        super().__init__(
            scope,
            STACK_NAME,
            description="Agent Runtime Service",
            termination_protection=options.is_production,
        )
        # The CDK lets each function wait for its role twice over; nothing in its interface takes that back.
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}
        self._options = options
        self._removal_policy = RemovalPolicy.RETAIN if options.is_production else RemovalPolicy.DESTROY
        self._table = Table(self, "Table", removal_policy=self._removal_policy, is_protected=options.is_production)
        self._content = ContentBucket(
            self, "Content", removal_policy=self._removal_policy, tls_only=options.target.has_tls
        )
        self._bus = EventBus(self, "Events", has_archive=options.target.has_archive)
        self._parked = dead_end(
            self, "parked", reason="Keys of commits that the bus did not take.", tls_only=options.target.has_tls
        )
        self._queues = {
            row.trigger.name: self._event_queue(row, row.trigger) for row in CATALOG if isinstance(row.trigger, Queue)
        }
        self._dead_letters = {
            COMMITS: self._parked,
            **{name: queue.end for name, queue in self._queues.items()},
            **{row.name: self._missed(row) for row in CATALOG if isinstance(row.trigger, Schedule)},
        }
        self._functions = self._catalog_functions(self._platform(packages))
        self._wire()
        self._users = UserPool(
            self,
            "Users",
            token_lifetime=options.target.token_lifetime,
            removal_policy=self._removal_policy,
            is_protected=options.is_production,
        )
        self._rest = RestApi(
            self,
            "Rest",
            users=self._users,
            tracing=options.tracing,
            logs_removal_policy=self._removal_policy,
            cors_origins=options.cors_origins,
            has_web_acl=options.has_web_acl,
        )
        self._rest.add_routes(
            (row.trigger, self._functions[row.name].function) for row in CATALOG if isinstance(row.trigger, Route)
        )
        self._watch()
        self._output()

    def _event_queue(self, row: Function, trigger: Queue) -> EventQueue:
        dead = next((other for other in CATALOG if other.trigger == DeadLetters(trigger.name)), None)
        return EventQueue(
            self,
            trigger.name,
            timeout_seconds=row.timeout_seconds,
            max_receives=trigger.max_receives,
            dead_timeout_seconds=dead.timeout_seconds if dead else None,
            tls_only=self._options.target.has_tls,
        )

    def _missed(self, row: Function) -> sqs.Queue:
        return dead_end(
            self,
            f"{row.name}-dead",
            reason="Ticks of the clock at which the function failed.",
            tls_only=self._options.target.has_tls,
        )

    def _platform(self, packages: Packages) -> Platform:
        architecture = lambda_.Architecture.custom(self._options.target.architecture)
        values = {
            "table": self._table.name,
            "bus": self._bus.name,
            "content_bucket": self._content.name,
            "turns_queue_url": self._queues[TURNS].queue.queue_url,
            "expiries_queue_url": self._queues[EXPIRIES].queue.queue_url,
            "parked_queue_url": self._parked.queue_url,
            **self._options.model.settings(),
            **self._options.agents.settings(),
            "version": self._options.version,
            "tracing": str(self._options.tracing).lower(),
            **self._options.policies.settings(),
            "cors_origins": ",".join(self._options.cors_origins),
        }
        return Platform(
            code=lambda_.Code.from_asset(str(packages.functions)),
            layer=lambda_.LayerVersion(
                self,
                "Layer",
                description="domain and the packages",
                code=lambda_.Code.from_asset(str(packages.layer)),
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
                compatible_architectures=[architecture],
            ),
            architecture=architecture,
            tracing=self._options.tracing,
            reserves_concurrency=self._options.reserves_concurrency,
            logs_removal_policy=self._removal_policy,
            environment={name: values[field] for field, name in Settings.environment_names().items()},
        )

    def _catalog_functions(self, platform: Platform) -> dict[str, CatalogFunction]:
        grants = Grants(
            table=self._table,
            content=self._content,
            bus=self._bus,
            turns=self._queues[TURNS].queue,
            expiries=self._queues[EXPIRIES].queue,
            parked=self._parked,
            model=self._options.model.permissions(Place(self.partition, self.region, self.account)),
        )
        return {
            row.name: CatalogFunction(self, row, platform=platform, permissions=grants.permissions(row.grants))
            for row in CATALOG
        }

    def _wire(self) -> None:
        for row in CATALOG:
            consumer = self._functions[row.name]
            match row.trigger:
                case Commits():
                    CommitStream(self, "Commits", consumer=consumer, table=self._table, parked=self._parked)
                case Queue(name=name, subscriptions=subscriptions, max_concurrency=max_concurrency):
                    queues = self._queues[name]
                    SubscriptionRule(self, f"{name}-rule", bus=self._bus, subscriptions=subscriptions, queues=queues)
                    QueueConsumer(
                        self, f"{name}-consumer", consumer=consumer, queue=queues.queue, max_concurrency=max_concurrency
                    )
                case Schedule(hours=hours):
                    dead = self._dead_letters[row.name]
                    Clock(self, f"{row.name}-clock", consumer=consumer, hours=hours, dead=dead)
                case DeadLetters(queue=name):
                    QueueConsumer(
                        self,
                        f"{name}-dead-consumer",
                        consumer=consumer,
                        queue=self._queues[name].dead,
                        max_concurrency=DEAD_LETTERS_AT_A_TIME,
                    )

    def _watch(self) -> None:
        (relay,) = (self._functions[row.name] for row in CATALOG if isinstance(row.trigger, Commits))
        queues = [found for found in self.node.find_all() if isinstance(found, sqs.Queue)]
        watched = Watched(
            dead_ends=[queue for queue in queues if queue.dead_letter_queue is None],
            turns=self._queues[TURNS].queue,
            relay=relay.function,
            stage=self._rest.api.deployment_stage,
            models=self._options.model.names,
        )
        Alarms(self, "Alarms", watched=watched, topic_arn=self._options.alarm_topic)

    def _output(self) -> None:
        values = {
            "ApiId": self._rest.api.rest_api_id,
            "ApiUrl": self._rest.api.url.rstrip("/"),
            "UserPoolId": self._users.pool.user_pool_id,
            "UserPoolClientId": self._users.client.user_pool_client_id,
            "TableName": self._table.name,
            "BusName": self._bus.name,
            "ContentBucketName": self._content.name,
            **{end.url_output: self._dead_letters[end.kind].queue_url for end in dead_ends()},
            **{
                end.origin_output: self._queues[end.kind].queue.queue_url
                for end in dead_ends()
                if end.origin_output is not None
            },
            "OperatorPolicyArn": self._operator_policy().arn,
        }
        for name, value in values.items():
            CfnOutput(self, name, value=value)

    def _operator_policy(self) -> OperatorPolicy:
        return OperatorPolicy(
            self,
            "Operator",
            table=self._table,
            bus=self._bus,
            dead=list(self._dead_letters.values()),
            origins=[queues.queue for queues in self._queues.values()],
            scheduled=[self._functions[row.name] for row in CATALOG if isinstance(row.trigger, Schedule)],
        )
