"""Results, messages and interruptions at the same moment: every call ends once, and the turn goes one way."""

from collections import Counter
from functools import partial
from itertools import count

import pytest

from domain.model.agent import AgentType
from domain.model.errors import SessionAlreadyExists, ToolCallClosed
from domain.model.message import FINAL, CallStatus, Message, Role
from domain.model.value import CallId, SessionKey
from domain.services.turns import OnBusy
from tests.support.at_once import at_once
from tests.support.builders import calls, reads, scripted_model
from tests.support.dynamodb import dynamodb_system
from tests.support.figures import Figures
from tests.support.invariants import check_turns
from tests.support.racers import Echo
from tests.support.system import System

ROUNDS = {False: 8, True: 40}
"""Of each race, by whether everything is tried."""
CALLS = 3


@pytest.fixture
def rounds(whole: bool) -> int:
    """How often each race is held."""
    return ROUNDS[whole]


@pytest.fixture
def system(table_name: str) -> System:
    """A system in real time."""
    system = dynamodb_system(table_name)
    system.registry.prepare()
    return system


_numbers = count(1)


def create_waiting(system: System) -> tuple[SessionKey, tuple[CallId, ...]]:
    """A session whose first turn waits for three calls, and their ids."""
    key = system.create(f"raced-{next(_numbers)}", agent=AgentType.ASK)
    system.say(key, "look")
    scripted_model(system).answers[:] = [calls(*reads("a.py", "b.py", "c.py"))]
    system.work(key)
    open_calls = system.session(key).open_calls
    assert len(open_calls) == CALLS
    return key, open_calls


def check_calls(messages: list[Message]) -> dict[CallId, CallStatus]:
    """Fail unless each call has ended and has the one message that says how; return how."""
    statuses = {call.call_id: call.status for message in messages for call in message.tool_calls}
    results = [message for message in messages if message.role is Role.TOOL]
    assert Counter(message.tool_call_id for message in results) == Counter(statuses.keys())
    assert {message.tool_call_id: message.outcome for message in results} == statuses
    assert set(statuses.values()) <= FINAL
    return statuses


def finish(system: System, key: SessionKey) -> None:
    """Work off what is owed."""
    scripted_model(system).answers[:] = [Echo().complete] * 10
    system.work(key)


def test_every_call_ends_once_when_results_messages_and_an_interruption_race(
    system: System, rounds: int, figures: Figures
) -> None:
    """Each call has two results sent for it while one user goes on talking and another stops the turn."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        key, open_calls = create_waiting(system)

        outcomes = at_once(
            *[partial(system.give, key, call_id, result="text") for call_id in open_calls * 2],
            partial(system.say, key, "by the way"),
            partial(system.say, key, "stop", on_busy=OnBusy.INTERRUPT),
        )

        statuses = check_calls(system.messages(key))
        accepted = [outcome for outcome in outcomes[: 2 * CALLS] if not isinstance(outcome, ToolCallClosed)]
        done = {call_id for call_id, status in statuses.items() if status is CallStatus.DONE}
        assert Counter(result.tool_call_id for result in accepted) == Counter(done)
        assert system.session(key).open_calls == ()
        finish(system, key)
        session, events, messages = system.session(key), system.events(key), system.messages(key)
        check_turns(session, events, messages)
        assert (session.queued, session.is_turn_owed, session.last_turn) == (0, False, 3)
        seen.update(status.value for status in statuses.values())
        seen["interrupted turns"] += sum(event.fact.type_name() == "TurnCancelled" for event in events)
    figures.note(f"{2 * CALLS} results, a message and an interruption at once, {rounds} times", **seen)


def test_turn_goes_on_once_when_the_last_results_race(system: System, rounds: int) -> None:
    """Exactly one of the results gives the turn back to the model, whichever comes last."""
    for _ in range(rounds):
        key, open_calls = create_waiting(system)

        outcomes = at_once(*[partial(system.give, key, call_id, error="gone") for call_id in open_calls * 2])

        refused = [outcome for outcome in outcomes if isinstance(outcome, ToolCallClosed)]
        assert len(refused) == CALLS
        assert set(check_calls(system.messages(key)).values()) == {CallStatus.FAILED}
        reasons = [fact.reason.value for fact in system.requested_turns(key)]
        assert reasons == ["message", "calls_closed"]
        assert system.session(key).is_turn_owed


def test_session_is_created_once_when_many_create_it(system: System) -> None:
    """One succeeds and nine are told that it exists; nobody is told that the store is broken."""
    outcomes = at_once(*[lambda: system.create("wanted-by-all")] * 10)

    created = [outcome for outcome in outcomes if isinstance(outcome, SessionKey)]
    assert len(created) == 1
    assert sum(isinstance(outcome, SessionAlreadyExists) for outcome in outcomes) == 9
    assert system.facts(created[0]) == ["SessionCreated", "AgentAssigned"]
