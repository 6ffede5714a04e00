"""What wakes an operator: an alarm for each row and each thing it looks at, on figures that exist."""

import pytest

from functions.metrics import METRICS, NAMESPACE, Metric
from infra.alarms import ALARMS, Alarm, Source
from infra.dead_ends import STACK_NAME
from infra.options import Options
from tests.infra.synthesized import AWS, LOCAL, TRIAL, Properties, synthesized

TOPIC = "arn:aws:sns:eu-west-1:123456789012:operators"
OURS = [alarm for alarm in ALARMS if isinstance(alarm.metric, Metric)]


def _alarms(name: str, alarm: Alarm) -> list[Properties]:
    prefix = f"{STACK_NAME}-{alarm.name}"
    return [
        found
        for found in synthesized(name).properties("AWS::CloudWatch::Alarm")
        if found["AlarmName"] == prefix or found["AlarmName"].startswith(f"{prefix}-")
    ]


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
@pytest.mark.parametrize("name", [AWS, LOCAL, TRIAL])
def test_alarm_rings_as_its_row_says(name: str, alarm: Alarm) -> None:
    """Threshold and words are the row's; nothing measured is no reason to ring."""
    found = _alarms(name, alarm)

    assert found or (alarm.source is Source.MODELS and name == LOCAL)
    for properties in found:
        assert properties["Threshold"] == alarm.at_least
        assert properties["Period"] == 300
        assert properties["Statistic"] == alarm.statistic
        assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert properties["TreatMissingData"] == "notBreaching"
        assert properties["AlarmDescription"] == f"{alarm.meaning}. {alarm.action}."


@pytest.mark.parametrize("alarm", OURS, ids=lambda alarm: alarm.name)
def test_alarm_on_a_metric_of_ours_names_every_dimension(alarm: Alarm) -> None:
    """CloudWatch knows a figure by all its dimensions: an alarm that leaves one out looks at nothing."""
    assert isinstance(alarm.metric, Metric)
    assert alarm.metric in METRICS
    for properties in _alarms(TRIAL, alarm):
        names = {dimension["Name"] for dimension in properties["Dimensions"]}
        assert (properties["Namespace"], properties["MetricName"]) == (NAMESPACE, alarm.metric.name)
        assert names == set(alarm.metric.dimensions)


def test_no_alarm_is_of_no_row() -> None:
    """Every alarm of the stack is one that the page tells of."""
    told = {properties["AlarmName"] for alarm in ALARMS for properties in _alarms(AWS, alarm)}

    assert {properties["AlarmName"] for properties in synthesized(AWS).properties("AWS::CloudWatch::Alarm")} == told


def test_every_dead_end_has_an_alarm() -> None:
    """A queue behind which nothing comes is looked at, whichever it is."""
    found = synthesized(AWS)
    dead_ends = {
        id_ for id_, queue in found.of_type("AWS::SQS::Queue").items() if "RedrivePolicy" not in queue["Properties"]
    }
    (alarm,) = (alarm for alarm in ALARMS if alarm.source is Source.DEAD_ENDS)

    watched = {properties["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for properties in _alarms(AWS, alarm)}

    assert watched == dead_ends


def test_alarm_tells_nobody_unless_a_topic_is_named() -> None:
    """Whom to wake is the deployer's choice."""
    told = {tuple(found.get("AlarmActions", ())) for found in synthesized(TRIAL).properties("AWS::CloudWatch::Alarm")}

    assert told == {(TOPIC,)}
    assert not [found for found in synthesized(AWS).properties("AWS::CloudWatch::Alarm") if "AlarmActions" in found]


@pytest.mark.parametrize("topic", ["operators", "arn:aws:sqs:eu-west-1:123456789012:operators", "arn:aws:sns:x"])
def test_option_is_refused_when_it_is_no_topic(topic: str) -> None:
    """A deployment whose alarms nobody hears is not synthesized."""
    with pytest.raises(ValueError, match="no ARN of an SNS topic"):
        Options.from_context({"alarm_topic": topic}.get)
