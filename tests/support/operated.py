"""A stack as the operator's tools find it: table, bus and queues that moto plays, and the outputs that name them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.session import get_session
from moto import mock_aws

from domain.model.log import Event
from domain.ports import EventPublisher
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import CommitItem
from functions.adapters.eventbridge.envelope import SOURCE, to_detail
from functions.runtime.container import DIContainer
from infra.dead_ends import STACK_NAME, DeadEnd, dead_ends
from infra.operations.letters import Letter
from infra.operations.mailbox import Mailbox
from infra.operations.republishing import Republisher, operators_container
from infra.operations.target import PersonsAws, Target
from tests.support.dynamodb import create_table, quick
from tests.support.fakes import MemoryPublisher

TABLE, BUS = "operated", "operated"


@dataclass(frozen=True)
class Operated:
    """A stack and what its bus takes.

    Attributes:
        container: What the tools are composed of; its bus is in memory.
        bus: Takes everything, except what it is told to refuse.
    """

    target: Target
    container: DIContainer
    bus: MemoryPublisher

    @property
    def republisher(self) -> Republisher:
        """What tells commits again."""
        return Republisher(self.container)

    def write(self, *events: Event) -> None:
        """Put a commit into the log."""
        _ = self.republisher
        LogMapper().to_model(events).save()

    def write_unreadable(self, *events: Event) -> None:
        """Put a commit into the log as a newer version would, with a fact that this one does not know."""
        _ = self.republisher
        item: CommitItem = LogMapper().to_model(events)
        item.facts = [[turn, "FactOfTomorrow", {}] for turn, *_ in item.facts]
        item.save()

    def put(self, end: DeadEnd, body: str, **attributes: str) -> None:
        """Put a letter into the queue where its kind waits."""
        self.client("sqs").send_message(
            QueueUrl=self.target.letters_url(end),
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    def letters(self, end: DeadEnd) -> Sequence[Letter]:
        """Return the letters of a kind, and put them back."""
        with Mailbox(self.target, end) as mailbox:
            return list(mailbox.letters())

    def sent_back(self, end: DeadEnd) -> list[str]:
        """Return what is in the queue that a kind came from."""
        assert end.origin_output
        answer = self.client("sqs").receive_message(
            QueueUrl=self.target.output(end.origin_output), MaxNumberOfMessages=10
        )
        return [message["Body"] for message in answer.get("Messages", [])]

    def client(self, service: str) -> Any:
        """Return a client of the stack's account."""
        return self.target.aws.client(service)


@contextmanager
def operated() -> Iterator[Operated]:
    """Create the stack's table, bus and queues, under the outputs that name them."""
    with mock_aws():
        session = boto3.Session(botocore_session=quick(get_session()))
        aws = PersonsAws(session.client)  # type: ignore[arg-type]  # any service
        create_table(aws.client("dynamodb"), TABLE)
        aws.client("events").create_event_bus(Name=BUS)
        names = [name for end in dead_ends() for name in (end.url_output, end.origin_output) if name]
        queues = {name: aws.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in names}
        target = Target(STACK_NAME, aws, {"TableName": TABLE, "BusName": BUS, **queues})
        container, bus = operators_container(target), MemoryPublisher()
        container.register(EventPublisher, lambda: bus)
        yield Operated(target, container, bus)


def end_of(kind: str) -> DeadEnd:
    """Return the kind of that name."""
    (end,) = [end for end in dead_ends() if end.kind == kind]
    return end


def envelope(event: Event) -> str:
    """Return a fact as EventBridge puts it into a queue."""
    return json.dumps({"source": SOURCE, "detail-type": event.fact.type_name(), "detail": to_detail(event)})
