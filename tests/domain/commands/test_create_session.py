"""Beginning a session."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.agents import REGISTRY
from domain.commands.create_session import CreateSessionCommand
from domain.model.agent import AgentType
from domain.model.errors import AgentSwitchError, LostRace, SessionAlreadyExists
from domain.model.events.agent import AgentAssigned
from domain.model.events.session import SessionCreated
from domain.model.session import TurnStatus
from domain.queries.get_session import SessionDTO, TurnDTO
from tests.support.builders import make_key, memory_store
from tests.support.fakes import START
from tests.support.system import ALICE, BOB, TRACE, System, memory_system


def create(system: System, **fields: Any) -> SessionDTO:
    """Return what a client is told of a new session of alice."""
    created: SessionDTO = system.registry.execute_command(CreateSessionCommand(user=ALICE, trace=TRACE, **fields))
    return created


def test_session_is_idle_when_it_begins() -> None:
    """It has its id, no title, no message, and the orchestrator speaks."""
    created = create(memory_system(), session_id="s1")

    assert created == SessionDTO(
        id="s1",
        title=None,
        is_active=True,
        turn=TurnDTO(number=0, status=TurnStatus.IDLE),
        queued=0,
        current_agent=AgentType.ORCHESTRATOR,
        message_count=0,
        last_seq=2,
        created_at=START,
        last_activity_at=START,
    )


def test_session_has_two_facts_when_it_begins() -> None:
    """Created and assigned, in one commit, before any turn."""
    system = memory_system()
    create(system, session_id="s1", title="First look", agent="coder")

    events = system.events(make_key("s1"))
    assert [event.fact for event in events] == [SessionCreated(has_title=True), AgentAssigned(agent=AgentType.CODER)]
    assert [(event.seq, event.turn, event.trace) for event in events] == [(1, 0, TRACE), (2, 0, TRACE)]
    assert len(memory_store(system).commits) == 1


def test_session_gets_an_id_when_the_client_chooses_none() -> None:
    """Each is another one."""
    system = memory_system()

    ids = {create(system).id for _ in range(3)}

    assert len(ids) == 3


def test_incarnations_differ_when_two_sessions_have_the_same_id() -> None:
    """The same id of two users, or of a session made anew, never shares an event id."""
    system = memory_system()

    keys = [system.create("same", user) for user in (ALICE, BOB)]

    first, second = (system.session(key) for key in keys)
    assert first.incarnation != second.incarnation


@pytest.mark.parametrize("agent", list(REGISTRY))
def test_session_begins_with_the_agent_asked_for_when_it_is_registered(agent: AgentType) -> None:
    """Any agent of the deployment can be first."""
    assert create(memory_system(), agent=agent).current_agent is agent


@pytest.mark.parametrize("agent", sorted(set(AgentType) - set(REGISTRY)))
def test_session_is_refused_when_its_agent_is_not_registered(agent: AgentType) -> None:
    """Nothing is created."""
    system = memory_system()

    with pytest.raises(AgentSwitchError):
        create(system, agent=agent)

    assert memory_store(system).heads == {}


def test_session_is_refused_when_the_id_is_taken() -> None:
    """The first one stays as it is; another user may have the same id."""
    system = memory_system()
    create(system, session_id="s1", title="Mine")

    with pytest.raises(SessionAlreadyExists):
        create(system, session_id="s1", title="Other")

    assert system.session(make_key("s1")).title == "Mine"
    assert system.create("s1", BOB).user == BOB


def test_session_is_created_once_when_the_store_reports_contention() -> None:
    """A creation that met another one is tried again."""
    system = memory_system()
    store = memory_store(system)

    def contend(_: object) -> None:
        store.before_commit = lambda _: None
        raise LostRace

    store.before_commit = contend

    assert create(system, session_id="s1").last_seq == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"session_id": ""},
        {"session_id": "x" * 65},
        {"session_id": "a b"},
        {"session_id": "a#b"},
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 256},
        {"title": "🦉" * 101},
        {"agent": "boss"},
        {"agent": None},
        {"tools": None},
        {"policies": [{}]},
    ],
)
def test_command_is_refused_when_a_field_does_not_fit(fields: dict[str, Any]) -> None:
    """Limits and names are checked before anything happens."""
    known = {"user": ALICE, "trace": TRACE}

    with pytest.raises(ValidationError):
        CreateSessionCommand.model_validate(known | fields)


def test_title_is_trimmed_when_it_is_given() -> None:
    """Blanks around it are not part of it."""
    assert create(memory_system(), title="  First look ").title == "First look"
