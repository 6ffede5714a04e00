"""From the table's stream over the bus into queues and functions: derived from the catalog, and no message is lost."""

import json
from typing import Any

import pytest
from aws_cdk import App, Stack

from functions.adapters.eventbridge.envelope import SOURCE
from functions.adapters.eventbridge.pattern import event_pattern
from functions.catalog import CATALOG, Commits, DeadLetters, Function, Queue, Schedule
from infra.constructs.queues import EventQueue
from tests.infra.event_pattern import is_matched
from tests.infra.synthesized import AWS, LOCAL, Properties, Synthesized, synthesized, target

TARGETS = pytest.mark.parametrize("target_name", [AWS, LOCAL])
QUEUES = pytest.mark.parametrize(
    "row", [row for row in CATALOG if isinstance(row.trigger, Queue)], ids=lambda r: r.name
)
DEAD = pytest.mark.parametrize(
    "row", [row for row in CATALOG if isinstance(row.trigger, DeadLetters)], ids=lambda r: r.name
)
FOURTEEN_DAYS = 14 * 24 * 3600


def _trigger_of(row: Function) -> Queue:
    assert isinstance(row.trigger, Queue)
    return row.trigger


def _queue(found: Synthesized, name: str) -> Properties:
    (id_,) = [id_ for id_ in found.of_type("AWS::SQS::Queue") if found.path_of(id_).endswith(f"/{name}/Resource")]
    return dict(found.resources[id_]["Properties"])


def _name_of(found: Synthesized, reference: dict[str, Any]) -> str:
    return found.path_of(target(reference)).split("/")[-2]


def _mapping_of(found: Synthesized, name: str) -> Properties:
    (mapping,) = [
        mapping
        for mapping in found.properties("AWS::Lambda::EventSourceMapping")
        if found.resources[target(mapping["FunctionName"])]["Properties"]["FunctionName"].endswith(f"-{name}")
    ]
    return mapping


@QUEUES
@TARGETS
def test_rule_is_derived_from_subscriptions(row: Function, target_name: str) -> None:
    """The rule's pattern is the one derived from the subscriptions; its events go to the queue, or to the dead."""
    found, trigger = synthesized(target_name), _trigger_of(row)
    (rule,) = [
        rule
        for id_, rule in found.of_type("AWS::Events::Rule").items()
        if found.path_of(id_).split("/")[1] == f"{trigger.name}-rule"
    ]
    (aim,) = rule["Properties"]["Targets"]

    assert rule["Properties"]["EventPattern"] == event_pattern(trigger.subscriptions)
    assert target(rule["Properties"]["EventBusName"]) in found.of_type("AWS::Events::EventBus")
    assert _name_of(found, aim["Arn"]) == trigger.name
    assert _name_of(found, aim["DeadLetterConfig"]["Arn"]) == f"{trigger.name}-dead"
    assert "InputTransformer" not in aim


@TARGETS
def test_bus_may_send_to_what_its_rules_name_and_to_nothing_else(target_name: str) -> None:
    """EventBridge may send to a rule's queues in that rule's name; nobody else is let in."""
    found = synthesized(target_name)

    letters = {
        (rule, target(reference))
        for rule, resource in found.of_type("AWS::Events::Rule").items()
        for aim in resource["Properties"]["Targets"]
        for reference in (aim["Arn"], aim["DeadLetterConfig"]["Arn"])
        if target(reference) in found.of_type("AWS::SQS::Queue")
    }
    allowed = {
        (target(statement["Condition"]["ArnEquals"]["aws:SourceArn"]), target(statement["Resource"]))
        for policy in found.properties("AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Action"] == "sqs:SendMessage"
    }
    others = [
        statement
        for policy in found.properties("AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Principal"] != {"Service": "events.amazonaws.com"}
    ]

    assert allowed == letters
    assert others == []


@QUEUES
@TARGETS
def test_message_stays_hidden_as_long_as_its_function_may_run(row: Function, target_name: str) -> None:
    """A queue's visibility is its function's timeout: AWS refuses less, and more would delay a replacement."""
    found, trigger = synthesized(target_name), _trigger_of(row)
    main = _queue(found, trigger.name)

    assert main["VisibilityTimeout"] == row.timeout_seconds
    assert 60 <= row.timeout_seconds <= 120
    assert main["RedrivePolicy"]["maxReceiveCount"] == trigger.max_receives
    assert _name_of(found, main["RedrivePolicy"]["deadLetterTargetArn"]) == f"{trigger.name}-dead"


@QUEUES
@TARGETS
def test_consumer_takes_one_message_and_reports_failures(row: Function, target_name: str) -> None:
    """One message an invocation, failures reported, and no more at a time than the row says."""
    found, trigger = synthesized(target_name), _trigger_of(row)
    mapping = _mapping_of(found, row.name)

    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": trigger.max_concurrency}
    assert _name_of(found, mapping["EventSourceArn"]) == trigger.name


@DEAD
@TARGETS
def test_dead_letters_are_handled_and_end_somewhere(row: Function, target_name: str) -> None:
    """A function consumes the dead letters; those it cannot handle either are kept, not lost."""
    assert isinstance(row.trigger, DeadLetters)
    found, name = synthesized(target_name), row.trigger.queue
    (trigger,) = [_trigger_of(other) for other in CATALOG if getattr(other.trigger, "name", "") == name]
    dead, mapping = _queue(found, f"{name}-dead"), _mapping_of(found, row.name)

    assert dead["VisibilityTimeout"] >= row.timeout_seconds
    assert dead["RedrivePolicy"]["maxReceiveCount"] >= trigger.max_receives + 10
    assert _name_of(found, dead["RedrivePolicy"]["deadLetterTargetArn"]) == f"{name}-lost"
    assert _name_of(found, mapping["EventSourceArn"]) == f"{name}-dead"
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@TARGETS
def test_queue_is_encrypted_and_a_dead_end_keeps_longest(target_name: str) -> None:
    """Every queue is encrypted; one that is another's dead end, or has none, keeps its messages 14 days."""
    found = synthesized(target_name)
    queues = found.of_type("AWS::SQS::Queue")
    ends = {
        target(made["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        for made in queues.values()
        if "RedrivePolicy" in made["Properties"]
    }

    for id_, made in queues.items():
        assert made["Properties"]["SqsManagedSseEnabled"] is True
        if id_ in ends or "RedrivePolicy" not in made["Properties"]:
            assert made["Properties"]["MessageRetentionPeriod"] == FOURTEEN_DAYS


@TARGETS
def test_stream_feeds_the_publisher_and_parks_what_fails(target_name: str) -> None:
    """The publisher is fed by the table's stream, halves failing batches, gives up in bounded time, loses nothing."""
    found = synthesized(target_name)
    (row,) = [row for row in CATALOG if isinstance(row.trigger, Commits)]
    mapping = _mapping_of(found, row.name)

    assert target(mapping["EventSourceArn"]) in found.of_type("AWS::DynamoDB::Table")
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] > 0
    assert mapping["MaximumRecordAgeInSeconds"] > 0
    assert _name_of(found, mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "parked"


@pytest.mark.parametrize(
    ("event_name", "key", "kind", "is_taken"),
    [
        ("INSERT", "LOG#00000007", "commit", True),
        ("MODIFY", "LOG#00000007", "commit", False),
        ("REMOVE", "LOG#00000007", "commit", False),
        ("INSERT", "LOG#00000007#CALL#0", "call", False),
        ("INSERT", "SESSION#s-1", "head", False),
        ("INSERT", "IDEM#add_message#k", "commit", False),
    ],
)
def test_stream_filter_takes_new_commits_only(event_name: str, key: str, kind: str, is_taken: bool) -> None:
    """Only an inserted log entry invokes the publisher: neither a call, nor a head, nor a renewed lock."""
    (row,) = [row for row in CATALOG if isinstance(row.trigger, Commits)]
    (filter_,) = _mapping_of(synthesized(), row.name)["FilterCriteria"]["Filters"]
    record = {
        "eventName": event_name,
        "dynamodb": {"Keys": {"PK": {"S": "USER#u"}, "SK": {"S": key}}, "NewImage": {"k": {"S": kind}}},
    }

    assert is_matched(record, json.loads(filter_["Pattern"])) is is_taken


def test_archive_keeps_what_is_ours_when_in_the_cloud() -> None:
    """The bus can replay the last 30 days of our own facts."""
    archive = synthesized(AWS).only("AWS::Events::Archive")

    assert archive["EventPattern"] == {"source": [SOURCE]}
    assert archive["RetentionDays"] == 30


def test_dead_letters_are_a_dead_end_when_no_function_handles_them() -> None:
    """Without a consumer the dead letters have no further queue and simply wait."""
    stack = Stack(App(analytics_reporting=False))

    made = EventQueue(stack, "audit", timeout_seconds=60, max_receives=5, dead_timeout_seconds=None, tls_only=True)

    assert made.dead.dead_letter_queue is None
    assert made.queue.dead_letter_queue is not None
    assert made.queue.dead_letter_queue.max_receive_count == 5


@TARGETS
@pytest.mark.parametrize("row", [row for row in CATALOG if isinstance(row.trigger, Schedule)], ids=lambda row: row.name)
def test_clock_invokes_its_function_and_may(row: Function, target_name: str) -> None:
    """One rule without a pattern, at the row's rate, with leave to invoke that function and no other."""
    found = synthesized(target_name)
    assert isinstance(row.trigger, Schedule)
    rules = {
        id_: rule["Properties"]
        for id_, rule in found.of_type("AWS::Events::Rule").items()
        if found.path_of(id_).split("/")[1] == f"{row.name}-clock"
    }
    ((rule_id, rule),) = rules.items()
    leaves = [
        leave
        for leave in found.properties("AWS::Lambda::Permission")
        if leave["Principal"] == "events.amazonaws.com" and target(leave["SourceArn"]) == rule_id
    ]

    days = row.trigger.hours // 24
    assert rule["ScheduleExpression"] == f"rate({days} day{'s' * (days > 1)})"
    assert "EventPattern" not in rule
    assert [target(aim["Arn"]) for aim in rule["Targets"]] == [target(leave["FunctionName"]) for leave in leaves]
    assert found.path_of(target(leaves[0]["FunctionName"])).split("/")[1] == row.name
