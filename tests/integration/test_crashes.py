"""A worker that dies anywhere between two statements is replaced, and nothing is lost, doubled or left dangling."""

from contextlib import suppress
from math import inf

import pytest

from domain.commands.run_turn import Delivery
from domain.model.agent import AgentType
from domain.model.events.turn import TurnCompleted
from domain.model.lock import COVER_SECONDS
from domain.model.message import Role
from domain.model.value import SessionKey
from functions.adapters.seam import IoSeam, Phase
from tests.support.builders import calls, completes, fake_clock, routes_to, scripted_model, text, wants
from tests.support.fakes import WorkerKilled
from tests.support.invariants import check_agent, check_turns
from tests.support.system import System

ANSWERS = (routes_to("ask"), calls(wants("delete_everything")), text("first answer"), completes("second answer"))
"""Two turns: the first is routed, has a call refused, and is answered; the second ends its task."""
ROUNDS_OF_FIRST = 3
POINTS = 14
"""Places where a worker on these turns can die: before and after each request."""


class Death:
    """Kills whoever comes to the `point`-th phase of a request, and lets nothing of him pass from then on.

    Attributes:
        phases: Seen so far.
    """

    def __init__(self, seam: IoSeam, point: int) -> None:
        self.phases = 0
        self._point: float = point
        seam.listen(self._look)

    def leave(self) -> None:
        """Touch nobody any more."""
        self._point = inf

    def _look(self, _: Phase, __: str) -> None:
        self.phases += 1
        if self.phases >= self._point:
            raise WorkerKilled


def create_owing_two(system: System) -> SessionKey:
    """A session with one message running and one queued."""
    key = system.create()
    system.say(key, "first question")
    system.say(key, "second question", agent=AgentType.ASK)
    return key


def check_answered(system: System, key: SessionKey) -> None:
    """Fail unless each question has its one answer in its own turn, and head and log agree."""
    session, events, messages = system.session(key), system.events(key), system.messages(key)
    check_turns(session, events, messages)
    check_agent(session, events)
    spoken = [message for message in messages if message.role is Role.ASSISTANT and message.content]
    assert [(message.turn, message.content) for message in spoken] == [(1, "first answer"), (2, "second answer")]
    assert [event.turn for event in events if isinstance(event.fact, TurnCompleted)] == [1, 2]
    assert (session.queued, session.is_turn_owed, session.message_count) == (0, False, len(messages))


def test_worker_passes_every_point_when_it_lives(system: System) -> None:
    """The tests below kill at each of these, and at no place that does not exist."""
    scripted_model(system).answers += ANSWERS
    key = create_owing_two(system)
    death = Death(system.get(IoSeam), POINTS + 1)

    system.work(key)

    assert death.phases == POINTS
    death.leave()
    check_answered(system, key)


@pytest.mark.parametrize("point", range(1, POINTS + 1))
def test_turns_are_finished_once_when_a_worker_dies(system: System, point: int) -> None:
    """Whatever it had written counts, whatever it had not is done by the next; the model may be asked again."""
    key = create_owing_two(system)
    die_at(system, key, point)

    delivery = work_on(system, key)

    assert delivery is Delivery.DONE
    check_answered(system, key)


@pytest.mark.parametrize("second", [1, 2, 4, 6])
@pytest.mark.parametrize("first", [2, 4, 6, 10])
def test_turns_are_finished_once_when_two_workers_die_one_after_the_other(
    system: System, first: int, second: int
) -> None:
    """A turn is given up only when a third has died over it without having written anything."""
    key = create_owing_two(system)
    die_at(system, key, first)
    die_at(system, key, second)

    work_on(system, key)

    check_answered(system, key)


def die_at(system: System, key: SessionKey, point: int) -> None:
    """Let a worker die at a point, or live when it comes to its end before."""
    fake_clock(system).advance(COVER_SECONDS)
    prepare_model(system, key)
    death = Death(system.get(IoSeam), point)
    with suppress(WorkerKilled):
        system.work(key)
    death.leave()


def work_on(system: System, key: SessionKey) -> Delivery:
    """Deliver the message as it comes back."""
    fake_clock(system).advance(COVER_SECONDS)
    prepare_model(system, key)
    return system.work(key)


def prepare_model(system: System, key: SessionKey) -> None:
    """Let the model go on from where the table stands."""
    turn = system.session(key).turn
    rounds_before = 0 if turn.number == 1 else ROUNDS_OF_FIRST
    scripted_model(system).answers[:] = ANSWERS[rounds_before + turn.rounds :]
