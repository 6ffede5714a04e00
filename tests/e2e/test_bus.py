"""What the world hears."""

import json
import time
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from tests.e2e.user import User
from tests.support.patience import PATIENCE_SECONDS

SECRET = "a text that belongs to nobody else"


@pytest.fixture
def listener(cloud: LocalCloud) -> str:
    """A queue of a stranger's, subscribed to every fact of the bus; returns its URL."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url: str = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(
        Name="listener",
        EventBusName=cloud.endpoint.bus,
        EventPattern=json.dumps({"source": ["agent-runtime"]}),
    )
    events.put_targets(Rule="listener", EventBusName=cloud.endpoint.bus, Targets=[{"Id": "1", "Arn": arn}])
    return url


def _heard(cloud: LocalCloud, url: str, session: str, last_seq: int) -> dict[int, Any]:
    sqs = cloud.client("sqs")
    heard: dict[int, Any] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(heard) < last_seq and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            event = json.loads(message["Body"])
            if event["detail"]["metadata"]["session_id"] == session:
                heard[event["detail"]["metadata"]["seq"]] = event
    return heard


def test_every_fact_is_on_the_bus_without_text_when_a_session_has_spoken(
    alice: User, cloud: LocalCloud, listener: str
) -> None:
    """The bus carries exactly the log's facts, each with its identity, and never what was said."""
    session = alice.create(agent="coder")
    alice.say(session, f"[[say {SECRET}]]")
    alice.settled(session)
    log = alice.events(session)

    heard = _heard(cloud, listener, session.removeprefix("/sessions/"), len(log))

    assert sorted(heard) == [event["seq"] for event in log]
    assert [heard[event["seq"]]["detail-type"] for event in log] == [event["type"] for event in log]
    assert [heard[event["seq"]]["detail"]["data"] for event in log] == [event["data"] for event in log]
    assert len({event["detail"]["metadata"]["event_id"] for event in heard.values()}) == len(log)
    assert SECRET not in json.dumps(list(heard.values()))
