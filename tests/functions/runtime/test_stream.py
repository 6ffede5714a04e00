"""The table's stream: what is relayed, parked, passed over, and delivered again."""

from typing import Any

import pytest

from domain.model.errors import StorageUnavailable
from domain.model.events.session import SessionCreated
from domain.model.log import CommitKey, Event
from domain.model.message import Role
from domain.model.value import SessionKey
from domain.ports import EventPublisher, ParkedCommits
from functions.adapters.dynamodb.log_mapper import LogMapper
from tests.support.builders import make_event, make_key, make_message, make_trace
from tests.support.edge import LambdaContext, started
from tests.support.fakes import FailingPort
from tests.support.log_lines import LogLines
from tests.support.samples import sample
from tests.support.system import System

TEXT = "what the user said"


def record(*events: Event, number: int = 1) -> dict[str, Any]:
    """Return the stream record of a commit with these events."""
    image = LogMapper().to_model(events).serialize()
    keys = {name: image[name] for name in ("PK", "SK")}
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": str(number)}
    made: dict[str, Any] = sample("publish_events")["Records"][0] | {"dynamodb": change}
    return made


def said(session_id: str = "s1", *, seq: int = 3, correlation_id: str = "c-1") -> Event:
    """Return the event of a message in a session."""
    message = make_message(Role.USER, TEXT, seq=seq)
    return make_event(message=message, key=make_key(session_id), trace=make_trace(correlation_id))


def publish(system: System, *records: dict[str, Any]) -> Any:
    """Return the answer to a batch of records."""
    return started("publish_events", system)({"Records": list(records)}, LambdaContext())


def taken(system: System) -> list[tuple[str, int]]:
    """Return session and number of what the bus took, in order."""
    return [(event.key.session_id, event.seq) for event in system.get(EventPublisher).taken]


def test_stream_publishes_every_event_in_order_when_a_batch_comes(system: System, log: LogLines) -> None:
    """Commits are relayed as they were written, and counted."""
    answer = publish(system, record(said(seq=3), make_event(seq=4)), record(said("s2", seq=5), number=2))

    assert answer == {"batchItemFailures": []}
    assert taken(system) == [("s1", 3), ("s1", 4), ("s2", 5)]
    line = log.only("handled")
    assert (line["commits"], line["events"], line["parked"]) == (2, 3, 0)


def test_stream_parks_the_commit_when_the_bus_refuses_an_event(system: System, log: LogLines) -> None:
    """What the bus did not take is remembered by key, and the stream goes on."""
    system.get(EventPublisher).refuses = lambda event: event.seq == 4

    answer = publish(system, record(said(seq=3), make_event(seq=4)), record(said("s2", seq=5), number=2))

    assert answer == {"batchItemFailures": []}
    assert system.get(ParkedCommits).parked == [CommitKey(key=make_key("s1"), last_seq=4)]
    assert log.only("handled")["parked"] == 1


@pytest.mark.parametrize("port", [EventPublisher, ParkedCommits])
def test_stream_is_delivered_again_from_the_first_record_when_parking_fails(
    system: System, log: LogLines, port: type
) -> None:
    """A batch that could be neither published nor parked comes again, whole: an event may be told twice, never lost."""
    system.get(EventPublisher).refuses = lambda _: True
    system.container.register(port, lambda: FailingPort(StorageUnavailable()))

    answer = publish(system, record(said(seq=3), number=41), record(said(seq=5), number=42))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "41"}]}
    line = log.only("defect")
    assert (line["level"], line["function"], line["correlation_ids"]) == ("ERROR", "publish_events", ["c-1"])
    assert (log.only("handled")["code"], log.only("handled")["delivery"]) == ("STORAGE_UNAVAILABLE", "comes_back")
    assert TEXT not in log.text


def test_stream_is_delivered_again_when_there_is_a_defect(system: System, log: LogLines) -> None:
    """No error leaves the function: the stream would pause on it. It is logged without its own words."""
    system.container.register(EventPublisher, lambda: FailingPort(RuntimeError(TEXT)))

    assert publish(system, record(said(), number=7)) == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert log.only("handled")["code"] == "INTERNAL_ERROR"
    assert TEXT not in log.text


def broken(**attributes: Any) -> dict[str, Any]:
    """Return a record whose image has other attributes; None takes one away."""
    made = record(said())
    image = made["dynamodb"]["NewImage"] | attributes
    made["dynamodb"]["NewImage"] = {name: value for name, value in image.items() if value is not None}
    return made


POISON = {
    "no image": {"dynamodb": {"Keys": {"PK": {"S": "p"}, "SK": {"S": "s"}}, "SequenceNumber": "1"}},
    "no change": {},
    "an unknown kind": broken(k={"S": "novel"}),
    "another kind": broken(k={"S": "head"}),
    "a sort key of another form": broken(SK={"S": "LOG"}),
    "a sort key without a number": broken(SK={"S": "LOG#x"}),
    "a partition of another form": broken(PK={"S": "USER#u"}),
    "no facts": broken(f=None),
    "facts that are no JSON": broken(f={"S": "["}),
    "an unknown fact": broken(f={"S": '[[1, "Nothing", {}]]'}),
    "a fact with a field too many": broken(f={"S": '[[1, "SessionCreated", {"has_title": true, "x": 1}]]'}),
    "a fact with a part too few": broken(f={"S": '[[1, "SessionCreated"]]'}),
    "no time": broken(at=None),
    "a time that is none": broken(at={"S": "now"}),
    "a message that is none": broken(m={"S": f'[{{"seq": 3, "turn": "{TEXT}", "role": "{TEXT}", "content": 1}}]'}),
    "an attribute of another type": broken(f={"N": "1"}),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_stream_passes_a_record_over_when_nobody_can_read_it(
    system: System, log: LogLines, poison: dict[str, Any]
) -> None:
    """A poison record does not block those behind it; it is logged by key, without what stands in it."""
    answer = publish(system, poison, record(said("s2"), number=2))

    assert answer == {"batchItemFailures": []}
    assert taken(system) == [("s2", 3)]
    line = log.only("poison record")
    assert (line["level"], line["function"]) == ("ERROR", "publish_events")
    assert line.get("keys") == poison.get("dynamodb", {}).get("Keys")
    assert TEXT not in log.text


def test_stream_answers_with_nothing_when_every_record_is_poison(system: System, log: LogLines) -> None:
    """Nothing to publish is no failure."""
    answer = publish(system, broken(f=None))

    assert answer == {"batchItemFailures": []}
    assert (log.only("handled")["commits"], log.only("handled")["events"]) == (0, 0)


def test_stream_logs_one_line_when_a_batch_is_one_commit(system: System, log: LogLines) -> None:
    """The line of the invocation says whose commit it was and what it belongs to."""
    publish(system, record(said(correlation_id="c-1")))

    (line,) = log.lines
    assert (line["message"], line["function"], line["commits"]) == ("handled", "publish_events", 1)
    assert (line["session_id"], line["user"], line["correlation_id"], line["seq"]) == ("s1", make_key().user, "c-1", 3)
    assert (line["delivery"], line["io"], line["duration_ms"]) == ("done", {}, 0)
    assert TEXT not in log.text


def test_stream_logs_a_line_for_each_commit_when_a_batch_has_several(system: System, log: LogLines) -> None:
    """Commits of many requests travel together, and each is found by its own correlation id all the same."""
    publish(system, record(said()), record(said("s2", correlation_id="c-2"), number=2))

    relayed = [line for line in log.lines if line["message"] == "relayed"]
    assert [(line["session_id"], line["correlation_id"]) for line in relayed] == [("s1", "c-1"), ("s2", "c-2")]
    assert {line["function"] for line in relayed} == {"publish_events"}
    assert "correlation_id" not in log.only("handled")
    assert TEXT not in log.text


def test_stream_counts_a_defect_when_a_record_is_unreadable(system: System, log: LogLines) -> None:
    """What nobody hears of must not go unseen."""
    publish(system, broken(f=None), record(said(), number=2))

    assert log.only("handled")["code"] == "INTERNAL_ERROR"


def test_stream_publishes_what_commands_wrote_when_they_share_the_store(system: System, session: SessionKey) -> None:
    """What is read from the stream is what was committed."""
    events = system.events(session)

    publish(system, record(*events))

    assert system.get(EventPublisher).taken == events
    assert isinstance(events[0].fact, SessionCreated)
