"""Sending again loses nothing and changes nothing twice."""

import json
from dataclasses import replace
from itertools import count

import pytest

from functions.catalog import Queue
from infra.dead_ends import COMMITS, DeadEnd, dead_ends, function_name
from infra.operations.mailbox import BATCH, Mailbox
from infra.operations.moving import WOULD_BE_SENT, Choice, send_again
from infra.operations.sending import Outcome, Sender
from tests.infra.operations.test_letters import BATCH as STREAM_BATCH
from tests.support.aws_transport import ScriptedAws
from tests.support.builders import make_event, make_key
from tests.support.operated import Operated, end_of, envelope
from tests.support.samples import sample

QUEUED = [end for end in dead_ends() if isinstance(end.row.trigger, Queue)]
PARKED = end_of(COMMITS)


def _key(session: str = "s1", last_seq: int = 3) -> str:
    return json.dumps({"key": make_key(session).model_dump(), "last_seq": last_seq})


def _send(stack: Operated, end: DeadEnd, id_: str | None = None) -> list[str]:
    """Send the letters of a kind again and return their outcomes."""
    sender = Sender(stack.target, stack.republisher)
    return [row["outcome"] for row in send_again(stack.target, sender, Choice([end], id_))]


@pytest.mark.parametrize("end", QUEUED, ids=lambda end: end.kind)
def test_fact_goes_back_as_it_was_when_it_is_sent_again(end: DeadEnd, stack: Operated) -> None:
    """The queue that it came from has it once more, to the letter, even when this version cannot read it."""
    bodies = {envelope(make_event()), "a fact of tomorrow"}
    for body in sorted(bodies):
        stack.put(end, body)

    assert _send(stack, end) == [Outcome.SENT] * 2
    assert set(stack.sent_back(end)) == bodies
    assert stack.letters(end) == []


def test_commit_is_told_under_the_same_ids_when_it_is_sent_again(stack: Operated) -> None:
    """Its facts go to the bus in order, and the letter is done with."""
    events = [make_event(seq=2), make_event(seq=3)]
    stack.write(*events)
    stack.put(PARKED, _key())

    assert _send(stack, PARKED) == [Outcome.SENT]
    assert [told.event_id for told in stack.bus.taken] == [event.event_id for event in events]
    assert stack.letters(PARKED) == []


def test_batch_is_told_whole_when_the_stream_gave_it_up(stack: Operated) -> None:
    """Every commit of its time, whosever, and none of another time."""
    stack.write(make_event(key=make_key("s1")))
    stack.write(make_event(key=make_key("s2")))
    stack.write(make_event(key=make_key("old"), occurred_at=make_event().occurred_at.replace(year=2025)))
    stack.put(PARKED, json.dumps(STREAM_BATCH))

    assert _send(stack, PARKED) == [Outcome.SENT]
    assert sorted(told.key.session_id for told in stack.bus.taken) == ["s1", "s2"]


def test_letter_stays_when_the_bus_refuses_again(stack: Operated) -> None:
    """A commit that the bus does not take whole waits as before, and is sent when the bus takes it."""
    stack.write(make_event(seq=2), make_event(seq=3))
    stack.put(PARKED, _key())
    stack.bus.refuses = lambda event: event.seq == 3

    assert _send(stack, PARKED) == [Outcome.KEPT]
    assert len(stack.letters(PARKED)) == 1

    stack.bus.refuses = lambda _: False
    assert _send(stack, PARKED) == [Outcome.SENT]
    assert stack.letters(PARKED) == []


def test_letter_stays_when_its_commit_is_of_another_version(stack: Operated) -> None:
    """What cannot be read cannot be told; a newer version can."""
    stack.write_unreadable(make_event())
    stack.put(PARKED, _key())

    assert _send(stack, PARKED) == [Outcome.KEPT]
    assert len(stack.letters(PARKED)) == 1


def test_letter_is_done_with_when_its_session_was_erased(stack: Operated) -> None:
    """Nothing is left to tell, and nothing to keep."""
    stack.put(PARKED, _key("erased"))

    assert _send(stack, PARKED) == [Outcome.GONE]
    assert stack.letters(PARKED) == []


def test_function_is_given_its_event_when_a_tick_is_sent_again(stack: Operated) -> None:
    """The clock's function runs now, asynchronously as the clock would have it."""
    end, tick, asked = end_of("sweep_approvals"), sample("sweep_approvals"), []
    aws = ScriptedAws({})
    aws.client("lambda").meta.events.register("before-call.lambda.Invoke", lambda params, **_: asked.append(params))
    stack.put(end, json.dumps(tick))
    (letter,) = stack.letters(end)

    outcome = Sender(replace(stack.target, aws=aws), stack.republisher).send(letter)

    (request,) = asked
    assert outcome is Outcome.SENT
    assert json.loads(request["body"]) == tick
    assert f"/{function_name(end.row)}/" in request["url_path"]
    assert request["headers"]["X-Amz-Invocation-Type"] == "Event"


def test_letter_is_still_there_when_sending_breaks_off(stack: Operated) -> None:
    """Between sending and removing a program may die: the letter is sent twice then, and never not at all."""
    end = QUEUED[0]
    stack.put(end, envelope(make_event()))
    with Mailbox(stack.target, end) as mailbox:
        Sender(stack.target, stack.republisher).send(next(mailbox.letters()))

    assert _send(stack, end) == [Outcome.SENT]
    assert stack.sent_back(end) == [envelope(make_event())] * 2


def test_every_letter_is_sent_once_when_there_are_many(stack: Operated) -> None:
    """More than one request brings, one of them kept: the kept one is neither sent for ever nor hidden afterwards."""
    stack.put(PARKED, "no key")
    for number in range(1, 2 * BATCH + 4):
        stack.write(make_event(key=make_key(f"s{number}")))
        stack.put(PARKED, _key(f"s{number}"))

    outcomes = _send(stack, PARKED)

    assert (outcomes.count(Outcome.SENT), outcomes.count(Outcome.KEPT)) == (2 * BATCH + 3, 1)
    assert [letter.body for letter in stack.letters(PARKED)] == ["no key"]


def test_other_letters_stay_when_one_is_named(stack: Operated) -> None:
    """One is sent, the others are as visible as before."""
    numbers = count(1)
    for _ in range(3):
        stack.put(QUEUED[0], envelope(make_event(seq=next(numbers))))
    named = stack.letters(QUEUED[0])[1]

    assert _send(stack, QUEUED[0], named.id) == [Outcome.SENT]
    assert stack.sent_back(QUEUED[0]) == [named.body]
    assert len(stack.letters(QUEUED[0])) == 2


@pytest.mark.parametrize("end", dead_ends(), ids=lambda end: end.kind)
def test_nothing_moves_when_it_is_only_said_what_would(end: DeadEnd, stack: Operated) -> None:
    """A dry run names the letters and leaves them."""
    stack.put(end, "whatever it is")

    (row,) = send_again(stack.target, None, Choice([end]))

    assert row["outcome"] == WOULD_BE_SENT
    assert len(stack.letters(end)) == 1
    assert stack.bus.taken == []
