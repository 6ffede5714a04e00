"""Commands and queries find their handlers."""

import pytest

from domain.commands.create_session import CreateSessionCommand
from domain.cqrs import Command
from domain.model.value import CorrelationId, Trace
from domain.queries.get_health import GetHealthQuery, HealthDTO
from functions.catalog import row
from functions.runtime.container import DIContainer
from functions.runtime.registry import HandlersRegistry
from tests.support.system import ALICE, TRACE, System


class Shout(Command):
    """A command of the test's own."""

    words: str


class ShoutHandler:
    """Carries it out, and counts how often one was built."""

    built = 0

    def __init__(self) -> None:
        type(self).built += 1

    def handle(self, command: Shout) -> str:
        """Return the words in capitals."""
        return command.words.upper()


def shout() -> Shout:
    """Return a command."""
    return Shout(trace=Trace(correlation_id=CorrelationId("c")), words="hello")


@pytest.fixture
def registry() -> HandlersRegistry:
    """Return a registry that knows the test's command."""
    registry = HandlersRegistry(DIContainer())
    registry.register_command_handler(Shout, f"{__name__}:ShoutHandler")
    return registry


def test_registry_carries_a_command_out_when_its_handler_is_registered(registry: HandlersRegistry) -> None:
    """The handler's answer is the caller's, by either name."""
    assert registry.execute_command(shout()) == "HELLO"
    assert registry.execute(shout()) == "HELLO"


def test_registry_answers_a_query_when_its_row_is_registered(system: System) -> None:
    """A row of the catalog is enough to register a query and its handler."""
    registry = HandlersRegistry(system.container)
    registry.register(row("get_health"))

    assert registry.execute(GetHealthQuery(trace=TRACE)) == HealthDTO(version="test")
    assert registry.execute_query(GetHealthQuery(trace=TRACE)) == HealthDTO(version="test")


def test_registry_carries_a_command_out_when_its_row_is_registered(system: System) -> None:
    """A row of the catalog is enough to register a command and its handler."""
    registry = HandlersRegistry(system.container)
    registry.register(row("create_session"))

    created = registry.execute(CreateSessionCommand(user=ALICE, trace=TRACE, session_id="s1"))

    assert created.id == "s1"


def test_registry_raises_when_nobody_is_registered(system: System) -> None:
    """A function carries out its own message and no other."""
    registry = HandlersRegistry(system.container)
    registry.register(row("create_session"))

    with pytest.raises(KeyError):
        registry.execute(GetHealthQuery(trace=TRACE))
    with pytest.raises(KeyError):
        registry.execute(shout())


def test_registry_builds_every_handler_once_when_it_is_prepared(registry: HandlersRegistry, system: System) -> None:
    """What was built while Lambda started is what works later."""
    before = ShoutHandler.built
    queries = HandlersRegistry(system.container)
    queries.register(row("get_health"))

    registry.prepare()
    queries.prepare()
    registry.execute(shout())

    assert ShoutHandler.built == before + 1
