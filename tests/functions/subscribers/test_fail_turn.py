"""The net under the queue of turns."""

from domain.model.lock import Holder
from domain.model.value import SessionKey
from domain.ports import SessionLockManager
from tests.support.edge import Edge, LambdaContext, started
from tests.support.log_lines import LogLines
from tests.support.samples import fact_sample, sample
from tests.support.system import System


def test_fail_turn_fails_the_turn_when_sample_is_delivered(edge: Edge, system: System, session: SessionKey) -> None:
    """The sample ends the turn that no worker could finish, and the client reads why."""
    edge.call("add_message")

    answer = started("fail_turn", system)(sample("fail_turn"), LambdaContext())

    turn = edge.call("get_session").json["turn"]
    last = system.events(session)[-1]
    assert answer == {"batchItemFailures": []}
    assert (turn["number"], turn["status"], turn["error"]["code"]) == (1, "failed", "TURN_FAILED")
    assert last.trace.causation_id == fact_sample("TurnRequested")["detail"]["metadata"]["event_id"]


def test_fail_turn_does_nothing_when_the_turn_was_finished_meanwhile(system: System, session: SessionKey) -> None:
    """A dead letter that comes late changes nothing."""
    answer = started("fail_turn", system)(sample("fail_turn"), LambdaContext())

    assert answer == {"batchItemFailures": []}
    assert len(system.events(session)) == 2


def test_fail_turn_comes_back_when_somebody_holds_the_session(
    system: System, session: SessionKey, log: LogLines
) -> None:
    """A worker that is still at work may yet finish."""
    system.say(session)
    system.get(SessionLockManager).acquire(session, Holder(name="worker", cover="other", receipt=""))

    answer = started("fail_turn", system)(sample("fail_turn"), LambdaContext())

    assert answer["batchItemFailures"] == [{"itemIdentifier": sample("fail_turn")["Records"][0]["messageId"]}]
    assert log.only("handled")["function"] == "fail_turn"
