"""The subscriber that lets approvals expire."""

import json
from typing import Any

from domain.model.value import CallId, SessionKey
from domain.ports import ExpiryQueue
from tests.support.builders import fake_clock
from tests.support.edge import LambdaContext, started
from tests.support.log_lines import LogLines
from tests.support.samples import fact_sample, sample
from tests.support.system import System


def delivered(system: System, event: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer to the sample, or to `event`."""
    answer: dict[str, Any] = started("expire_approval", system)(event or sample("expire_approval"), LambdaContext())
    return answer


COMES_BACK = {"batchItemFailures": [{"itemIdentifier": sample("expire_approval")["Records"][0]["messageId"]}]}
DONE: dict[str, Any] = {"batchItemFailures": []}


def test_expire_approval_hides_its_message_when_there_is_time_left(system: System, asked: CallId) -> None:
    """The sample comes back at its second: its delivery is hidden for the rest, and reported as not done."""
    fake_clock(system).advance(60)

    answer = delivered(system)

    (record,) = sample("expire_approval")["Records"]
    assert answer == COMES_BACK
    assert system.get(ExpiryQueue).extended == [(record["receiptHandle"], 240)]
    assert asked


def test_expire_approval_writes_the_expiry_when_its_second_has_come(
    system: System, session: SessionKey, asked: CallId
) -> None:
    """Under the correlation id of the request that led to the question, caused by the question."""
    fake_clock(system).advance(300)

    answer = delivered(system)

    metadata = fact_sample("ApprovalRequested")["detail"]["metadata"]
    written = system.events(session)[-3:]
    assert answer == DONE
    assert [event.fact.type_name() for event in written] == ["ApprovalExpired", "MessageAdded", "TurnRequested"]
    assert {event.trace.correlation_id for event in written} == {metadata["correlation_id"]}
    assert {event.trace.causation_id for event in written} == {metadata["event_id"]}
    assert asked not in system.session(session).open_calls


def test_expire_approval_is_done_when_there_is_nothing_to_do(system: System, session: SessionKey) -> None:
    """Not asked, or not there at all."""
    assert delivered(system) == DONE
    assert len(system.events(session)) == 2


def test_expire_approval_is_reported_when_the_fact_asks_for_nothing(system: System, log: LogLines) -> None:
    """A message that should not be in this queue ends among the dead letters, not lost."""
    event = sample("expire_approval")
    event["Records"][0]["body"] = json.dumps(fact_sample("ApprovalGranted"))

    assert delivered(system, event) == COMES_BACK
    assert log.only("failed")["function"] == "expire_approval"
