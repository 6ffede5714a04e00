"""A queue of facts: what is reported as failed, and what is logged of it."""

import json
from typing import Any

import pytest

from domain.commands.run_turn import RunTurnCommand
from domain.cqrs import Command
from domain.model.errors import LostFence, StorageUnavailable
from domain.model.lock import Holder
from domain.model.value import SessionKey
from domain.ports import SessionLockManager
from functions.runtime.queue import Arrival, QueueFunction
from tests.support.builders import scripted_model, text
from tests.support.edge import LambdaContext, started
from tests.support.fakes import FailingPort
from tests.support.log_lines import LogLines
from tests.support.samples import fact_sample, sample
from tests.support.system import System

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def delivery(*bodies: str) -> dict[str, Any]:
    """Return a batch whose messages have these bodies, and `m0`, `m1`… for ids."""
    (record,) = sample("run_turn")["Records"]
    return {
        "Records": [
            record | {"messageId": f"m{place}", "receiptHandle": f"r{place}", "body": body}
            for place, body in enumerate(bodies)
        ]
    }


def failed(*message_ids: str) -> dict[str, Any]:
    """Return the answer that lets these messages be delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}


def test_queue_reports_nothing_when_a_message_has_done_its_duty(system: System) -> None:
    """A turn that nobody owes is done with."""
    answer = started("run_turn", system)(sample("run_turn"), LambdaContext())

    assert answer == NOTHING_FAILED


@pytest.mark.parametrize("error", [StorageUnavailable(), LostFence(), RuntimeError(), KeyError("x")])
def test_queue_reports_a_message_as_failed_when_its_handler_raises(system: System, error: Exception) -> None:
    """A raised error would pause the whole queue, so none is let out."""
    system.container.register(SessionLockManager, lambda: FailingPort(error))

    answer = started("run_turn", system)(delivery(json.dumps(fact_sample("TurnRequested"))), LambdaContext())

    assert answer == failed("m0")


def test_queue_reports_a_message_as_failed_when_it_must_come_back(
    system: System, session: SessionKey, log: LogLines
) -> None:
    """A message that covers the holder of the lock has not done its duty while the holder is at work."""
    system.say(session)
    system.get(SessionLockManager).acquire(session, Holder(name="holder", cover="m0", receipt="r"))

    answer = started("run_turn", system)(delivery(json.dumps(fact_sample("TurnRequested"))), LambdaContext())

    assert answer == failed("m0")
    assert log.only("handled")["delivery"] == "comes_back"
    assert [line["level"] for line in log.lines] == ["INFO"]


POISON = {
    "no JSON": "{",
    "nothing": "",
    "null": "null",
    "a list": "[]",
    "an empty object": "{}",
    "no detail": json.dumps(fact_sample("TurnRequested") | {"detail": None}),
    "an empty detail": json.dumps(fact_sample("TurnRequested") | {"detail": {}}),
    "metadata that is null": json.dumps(fact_sample("TurnRequested") | {"detail": {"metadata": None, "data": {}}}),
    "an unknown fact": json.dumps(fact_sample("TurnRequested") | {"detail-type": "Nothing"}),
    "another fact's data": json.dumps(fact_sample("TurnRequested") | {"detail-type": "LockLost"}),
}


@pytest.mark.parametrize("body", POISON.values(), ids=POISON.keys())
def test_queue_reports_a_message_as_failed_when_nobody_can_read_it(system: System, body: str, log: LogLines) -> None:
    """A poison message goes the way to the dead letters and hurts nobody beside it."""
    answer = started("run_turn", system)(delivery(body, json.dumps(fact_sample("TurnRequested"))), LambdaContext())

    assert answer == failed("m0")
    line = log.only("failed")
    assert (line["function"], line["message_id"]) == ("run_turn", "m0")
    assert [line["message_id"] for line in log.lines if line["message"] == "handled"] == ["m0", "m1"]


def test_queue_function_keeps_nothing_when_it_is_used_again(system: System) -> None:
    """A warm worker serves many: what failed before does not fail the next batch."""
    function = started("run_turn", system)
    function(delivery("{"), LambdaContext())

    answer = function(delivery(json.dumps(fact_sample("TurnRequested"))), LambdaContext())

    assert answer == NOTHING_FAILED


def test_arrival_tells_message_delivery_and_time_when_a_message_comes(system: System) -> None:
    """The command is made of the fact, the message's id, this delivery's receipt, and the time that is left."""
    arrivals: list[Arrival] = []

    def to_command(arrival: Arrival) -> Command:
        arrivals.append(arrival)
        raise StorageUnavailable

    function = QueueFunction("run_turn", to_command)
    function.container = system.container

    function(sample("run_turn"), LambdaContext(aws_request_id="i-1", milliseconds=90_500))

    (record,) = sample("run_turn")["Records"]
    (arrival,) = arrivals
    assert arrival.event.fact.type_name() == "TurnRequested"
    assert (arrival.message_id, arrival.receipt) == (record["messageId"], record["receiptHandle"])
    assert (arrival.invocation_id, arrival.seconds) == ("i-1", 90.5)


def test_queue_logs_one_line_with_everything_when_a_turn_was_run(
    system: System, session: SessionKey, log: LogLines
) -> None:
    """What was done for whom and because of what, and nothing of what was said."""
    question, answer = "what the user said", "what the model answered"
    scripted_model(system).answers += [text(answer)]
    system.say(session, question, agent="ask")

    started("run_turn", system)(sample("run_turn"), LambdaContext())

    metadata = fact_sample("TurnRequested")["detail"]["metadata"]
    line = log.only("handled")
    assert (
        line
        | {
            "level": "INFO",
            "service": "agent-runtime",
            "function": "run_turn",
            "session_id": session.session_id,
            "user": session.user,
            "correlation_id": metadata["correlation_id"],
            "causation_id": metadata["event_id"],
            "message_id": sample("run_turn")["Records"][0]["messageId"],
            "delivery": "done",
            "io": {},
            "duration_ms": 0,
        }
        == line
    )
    assert [event.message.content for event in system.events(session) if event.message] == [question, answer]
    assert question not in log.text
    assert answer not in log.text


def test_queue_logs_session_and_correlation_when_a_handler_raises(
    system: System, session: SessionKey, log: LogLines
) -> None:
    """The line of an error is found like every other one."""
    system.container.register(SessionLockManager, lambda: FailingPort(RuntimeError("broken")))

    started("run_turn", system)(sample("run_turn"), LambdaContext())

    line = log.only("failed")
    assert (line["level"], line["exception_name"], line["session_id"]) == (
        "ERROR",
        "RuntimeError",
        session.session_id,
    )
    assert line["correlation_id"] == fact_sample("TurnRequested")["detail"]["metadata"]["correlation_id"]
    assert log.only("handled").get("delivery") is None


def test_command_class_is_the_rows_when_a_function_is_asked(system: System) -> None:
    """The message class comes from the catalog, so nobody writes it twice."""
    assert started("run_turn", system).message_class is RunTurnCommand
