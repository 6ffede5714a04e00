"""One command sent many times at one moment under one key: one effect, one answer, and another body is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest

from domain.model.value import SessionKey
from tests.support.at_once import at_once
from tests.support.builders import SessionTestHelper, make_key
from tests.support.dynamodb import dynamodb_system
from tests.support.figures import Figures
from tests.support.histories import Client, Operation
from tests.support.mixed_race import SENDS
from tests.support.session_state import Json
from tests.support.system import System

REPEATS = 6
OTHERS = 2


def _waiting(system: System) -> tuple[SessionKey, Json]:
    key, (call_id,) = SessionTestHelper.create_waiting_session(system)
    return key, {"call_id": call_id}


def _asking(system: System) -> tuple[SessionKey, Json]:
    key, (approval_id,) = SessionTestHelper.create_session_waiting_for_approval(system)
    return key, {"approval_id": approval_id}


def _planned(system: System) -> tuple[SessionKey, Json]:
    return SessionTestHelper.create_session_with_plan(system, (), ()), {}


def _busy(system: System) -> tuple[SessionKey, Json]:
    return _waiting(system)[0], {}


def _new(_: System) -> tuple[SessionKey, Json]:
    return make_key("wanted"), {}


@dataclass(frozen=True)
class Repeated:
    """A command that has an effect once.

    Attributes:
        scene: Makes a session that it fits, and says what it is aimed at.
        fields: What else is sent.
        other: What differs when the key comes with another body; nothing when the command has none.
    """

    scene: Callable[[System], tuple[SessionKey, Json]]
    fields: Json
    other: Json = field(default_factory=dict)


COMMANDS = {
    "add_message": Repeated(_busy, {"content": "once"}, {"content": "twice"}),
    "add_tool_result": Repeated(_waiting, {"result": "once"}, {"result": "twice"}),
    "cancel_turn": Repeated(_busy, {}),
    "create_session": Repeated(_new, {"title": "once"}, {"title": "twice"}),
    "decide_approval": Repeated(_asking, {"decision": "approve"}, {"decision": "reject"}),
    "decide_plan": Repeated(_planned, {"action": "cancel"}, {"action": "skip", "subtask_id": "2"}),
    "switch_agent": Repeated(
        _busy, {"target_agent": "ask", "on_busy": "interrupt"}, {"target_agent": "debug", "on_busy": "interrupt"}
    ),
    "update_session": Repeated(_busy, {"title": "once"}, {"title": "twice"}),
}


@pytest.mark.parametrize("name", list(COMMANDS))
def test_command_has_one_effect_and_one_answer_when_its_repeats_come_at_once(
    name: str, table_name: str, figures: Figures
) -> None:
    """Whichever body is first wins: its repeats are told its answer, the other body is refused, nothing is doubled."""
    system = dynamodb_system(table_name)
    system.registry.prepare()
    command = COMMANDS[name]
    key, aim = command.scene(system)
    bodies = [command.fields] * REPEATS + ([command.fields | command.other] * OTHERS if command.other else [])
    before = 0 if name == "create_session" else system.session(key).last_seq

    done: list[Operation] = at_once(
        *[
            partial(Client(system, key, f"client-{number}").do, name, key="k", **aim, **body)
            for number, body in enumerate(bodies)
        ]
    )

    (first,) = [each for each in done if each.answer and not each.is_replayed]
    same = [each for each in done if each.fields == first.fields]
    assert all(each.answer == first.answer for each in same)
    assert {each.code for each in done if each not in same} <= {"IDEMPOTENCY_KEY_REUSED"}
    writers = {event.trace.correlation_id for event in system.events(key) if event.seq > before}
    assert writers == {first.id}
    figures.note(f"repeats of {name} at once", sent=len(done), replayed=len(same) - 1, refused=len(done) - len(same))


def test_every_command_is_repeated() -> None:
    """A new command of a client needs its entry in COMMANDS."""
    assert set(COMMANDS) == set(SENDS)
