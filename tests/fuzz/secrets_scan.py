"""Looks for what was said in places where nothing of it belongs: every log, and everything on the bus."""

import json
import time
from collections.abc import Iterable

from infra.local.cloud import LocalCloud
from infra.local.logs import LogFollower
from tests.support.patience import PATIENCE_SECONDS

QUEUE = "overheard"
QUIET_SECONDS = 3.0


class Eavesdropper:
    """Hears every fact on the bus from now on, and reads every log of the cloud.

    Args:
        cloud: Whose.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._sqs, events = cloud.client("sqs"), cloud.client("events")
        self._queue: str = self._sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": ["agent-runtime"]})
        events.put_rule(Name=QUEUE, EventBusName=cloud.endpoint.bus, EventPattern=pattern)
        target = {"Id": "1", "Arn": asked["Attributes"]["QueueArn"]}
        events.put_targets(Rule=QUEUE, EventBusName=cloud.endpoint.bus, Targets=[target])

    def heard(self) -> list[str]:
        """Return every fact that came since the last look, once none has come for a while."""
        bodies: list[str] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        last = time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - last < QUIET_SECONDS:
            answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", ()):
                bodies.append(message["Body"])
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                last = time.monotonic()
        return bodies

    def lines(self) -> list[str]:
        """Return every line of every log of the cloud, since it began."""
        return [line.text for line in LogFollower(self._cloud.client("logs"), since_ms=0).new_lines()]


def leaks(texts: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Return the texts that hold one of the secrets, each cut to what can be read."""
    marks = tuple(secrets)
    return [text[:500] for text in texts if any(mark in text for mark in marks)]
