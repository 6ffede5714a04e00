"""The worker of turns."""

from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import COVER_SECONDS
from domain.model.value import SessionKey
from domain.ports import SessionLockManager, TurnQueue
from tests.support.builders import scripted_model, text
from tests.support.edge import Edge, LambdaContext, started
from tests.support.samples import fact_sample, sample
from tests.support.system import System


def test_run_turn_answers_the_message_when_sample_is_delivered(edge: Edge, system: System, session: SessionKey) -> None:
    """The sample starts a worker, which answers under the correlation id of the request that asked."""
    edge.call("add_message", {"content": "What does README.md say?", "agent": "ask"})
    scripted_model(system).answers += [text("It says hello.")]

    answer = started("run_turn", system)(sample("run_turn"), LambdaContext())

    metadata = fact_sample("TurnRequested")["detail"]["metadata"]
    written = system.events(session)[4:]
    assert answer == {"batchItemFailures": []}
    assert edge.call("get_session").json["turn"]["status"] == "idle"
    assert [message.content for message in system.messages(session)][1:] == ["It says hello."]
    assert {event.trace.correlation_id for event in written} == {metadata["correlation_id"]}
    assert {event.trace.causation_id for event in written} == {metadata["event_id"]}


def test_run_turn_hides_its_message_first_when_sample_is_delivered(system: System) -> None:
    """A worker that dies at any later point is replaced within seconds."""
    started("run_turn", system)(sample("run_turn"), LambdaContext())

    (record,) = sample("run_turn")["Records"]
    assert system.get(TurnQueue).extended == [(record["receiptHandle"], COVER_SECONDS)]


def test_run_turn_holds_the_session_under_its_invocation_when_it_works(system: System, session: SessionKey) -> None:
    """The lock names the invocation and the message that covers it."""
    holders = []

    def look(_: ModelRequest) -> ModelAnswer:
        holders.extend(system.get(SessionLockManager).holding.values())
        return text("Done.")

    scripted_model(system).answers += [look]
    system.say(session, agent="ask")

    started("run_turn", system)(sample("run_turn"), LambdaContext(aws_request_id="i-7"))

    (record,) = sample("run_turn")["Records"]
    (lease,) = holders
    assert (lease.holder.name, lease.holder.cover) == ("i-7", record["messageId"])
    assert lease.holder.receipt == record["receiptHandle"]


def test_run_turn_hands_over_when_little_time_is_left(system: System, session: SessionKey) -> None:
    """A round that would not fit begins in a fresh invocation."""
    system.say(session)

    started("run_turn", system)(sample("run_turn"), LambdaContext(milliseconds=50_000))

    assert system.requested_turns(session)[-1].reason == "hand_over"
    assert scripted_model(system).requests == []
