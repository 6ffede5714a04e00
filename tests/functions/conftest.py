"""Fixtures: a system in memory, its HTTP edge, the session of the sample events, and what is logged."""

from collections.abc import Iterator

import pytest

from domain.model.value import CallId, SessionKey
from domain.services.deployment import Deployment, deployment
from tests.support.asking import ask_sample
from tests.support.builders import calls, reads, routes_to, scripted_model
from tests.support.edge import Edge
from tests.support.log_lines import LogLines, logged
from tests.support.samples import sample_key
from tests.support.system import System, memory_system


@pytest.fixture
def system() -> System:
    """Return a system in memory."""
    return memory_system()


@pytest.fixture
def single_agent(system: System) -> None:
    """Let the system have one agent that does everything."""
    system.container.register(Deployment, lambda: deployment(is_single_agent=True))


@pytest.fixture
def edge(system: System) -> Edge:
    """Return the system's HTTP edge."""
    return Edge(system)


@pytest.fixture
def session(system: System) -> SessionKey:
    """Return the session of the sample events, which has been created."""
    key = sample_key()
    return system.create(key.session_id, key.user, title="First look")


@pytest.fixture
def waiting(system: System, session: SessionKey) -> CallId:
    """Return the open call that the sample tool result closes."""
    scripted_model(system).answers += [routes_to("ask"), calls(*reads("README.md"))]
    system.say(session, "What does README.md say?")
    system.work(session)
    (call_id,) = system.session(session).open_calls
    return call_id


@pytest.fixture
def asked(system: System, session: SessionKey) -> CallId:
    """Return the call that waits for the approval of the samples; its agent is the coder."""
    system.switch(session, "coder")
    system.say(session, "Write it down.")
    return ask_sample(system, session)


@pytest.fixture
def log() -> Iterator[LogLines]:
    """Return what the functions log while the test runs."""
    with logged() as lines:
        yield lines
