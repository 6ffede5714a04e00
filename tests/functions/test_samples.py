"""The sample events are what Lambda and EventBridge really send, each of them once."""

import hashlib
import json
from typing import Any

import pytest

from domain.model.events import FACTS
from domain.model.events.turn import TurnRequested
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import CommitItem
from functions.adapters.eventbridge.envelope import SOURCE, from_envelope, to_detail
from functions.catalog import CATALOG, Route
from tests.support.samples import FACTS_FOLDER, fact_sample, sample, sample_key

ROUTES = {row.name: row.trigger for row in CATALOG if isinstance(row.trigger, Route)}
EVENT_FIELDS = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
PROXY_FIELDS = {
    "resource",
    "path",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
    "requestContext",
    "body",
    "isBase64Encoded",
}


def test_every_fact_has_one_sample_and_no_sample_is_left_over() -> None:
    """A new fact brings its sample along."""
    assert {path.stem for path in FACTS_FOLDER.iterdir()} == FACTS.keys()


@pytest.mark.parametrize("name", FACTS)
def test_fact_sample_is_read_and_written_unchanged(name: str) -> None:
    """The envelope carries a fact both ways without loss, and the sample is one that we would send."""
    event = fact_sample(name)

    read = from_envelope(event)

    assert type(read.fact) is FACTS[name]
    assert to_detail(read) == event["detail"]
    assert event.keys() == EVENT_FIELDS
    assert (event["source"], event["detail-type"]) == (SOURCE, name)
    assert event["time"] == read.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("name", FACTS)
def test_fact_sample_is_of_the_samples_session(name: str) -> None:
    """All samples tell of one session, with one number for each fact."""
    read = from_envelope(fact_sample(name))

    assert read.key == sample_key()
    assert read.trace.causation_id is None or read.trace.causation_id.startswith(f"{read.incarnation}:")


def test_fact_samples_have_numbers_of_their_own() -> None:
    """Two facts of a session never share a number, and later numbers are not earlier."""
    events = sorted((from_envelope(fact_sample(name)) for name in FACTS), key=lambda event: event.seq)

    assert len({event.seq for event in events}) == len(events)
    assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)


@pytest.mark.parametrize("name", ROUTES)
def test_route_sample_is_a_proxy_event_of_its_route(name: str) -> None:
    """A sample has the fields of payload 1.0, and its path, method and parameters are the route's."""
    event, route = sample(name), ROUTES[name]
    parameters: dict[str, str] = event["pathParameters"] or {}

    assert event.keys() == PROXY_FIELDS
    assert (event["resource"], event["httpMethod"]) == (route.path, route.method)
    assert parameters.keys() == route.path_parameters
    assert event["path"] == route.path.format(**parameters)
    assert event["requestContext"]["path"] == f"/v1{event['path']}"
    assert event["requestContext"]["resourcePath"] == route.path
    assert ("authorizer" in event["requestContext"]) is not route.is_public
    assert {name: [value] for name, value in event["headers"].items()} == event["multiValueHeaders"]
    assert event["body"] is None or isinstance(json.loads(event["body"]), dict)


def queue_messages(name: str) -> list[dict[str, Any]]:
    """Return the messages of a queue's sample."""
    records: list[dict[str, Any]] = sample(name)["Records"]
    return records


@pytest.mark.parametrize("name", ["run_turn", "fail_turn"])
def test_queue_sample_holds_the_fact_sample(name: str) -> None:
    """A message's body is the event of the rule, as it is, with its checksum."""
    (record,) = queue_messages(name)

    assert json.loads(record["body"]) == fact_sample(TurnRequested.type_name())
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    assert record["eventSource"] == "aws:sqs"


def test_stream_sample_is_the_commit_of_the_fact_samples() -> None:
    """The inserted item reads as the message of the samples, and is written the same."""
    (record,) = sample("publish_events")["Records"]
    image = record["dynamodb"]["NewImage"]

    events = LogMapper().to_entity(CommitItem.from_raw_data(image))

    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["Keys"] == {name: image[name] for name in ("PK", "SK")}
    assert LogMapper().to_model(events).serialize() == image
    assert [to_detail(event) for event in events] == [
        fact_sample(name)["detail"] for name in ("MessageAdded", "TurnRequested")
    ]
    assert [event.message.content for event in events if event.message] == [
        json.loads(sample("add_message")["body"])["content"]
    ]


def test_samples_hold_no_secret() -> None:
    """Nothing in a sample could be used anywhere."""
    texts = [path.read_text(encoding="utf-8") for path in FACTS_FOLDER.parent.rglob("*.json")]

    assert not any(word in text for text in texts for word in ("eyJ", "AKIA", "Bearer", "Authorization"))
