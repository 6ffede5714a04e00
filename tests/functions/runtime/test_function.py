"""What every function has."""

import pytest

from domain.commands.publish_events import PublishEventsHandler
from domain.ports import Clock, Ids, ParkedCommits
from functions.adapters.queues import SqsParkedCommits
from functions.adapters.seam import IoSeam
from functions.adapters.system import RandomIds, SystemClock
from functions.catalog import row
from functions.runtime.function import RuntimeFunction
from functions.runtime.settings import Settings
from tests.support.system import SETTINGS, System


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process have the environment of a deployed function."""
    for field, name in Settings.environment_names().items():
        monkeypatch.setenv(name, getattr(SETTINGS, field))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def test_function_builds_nothing_when_lambda_did_not_start_it() -> None:
    """Importing a function outside Lambda costs nothing and needs no environment."""
    function = RuntimeFunction("publish_events")

    assert function.row is row("publish_events")
    assert set(vars(function)) == {"row"}


@pytest.mark.usefixtures("deployed")
def test_function_composes_itself_when_it_is_first_used() -> None:
    """Outside Lambda everything is built out of the environment when it is needed."""
    function = RuntimeFunction("publish_events")

    assert function.container.get(Settings) == SETTINGS
    assert isinstance(function.clock, SystemClock)
    assert isinstance(function.ids, RandomIds)
    assert function.seam is function.container.get(IoSeam)


@pytest.mark.usefixtures("deployed")
def test_function_builds_its_handler_when_lambda_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Lambda everything is built before the first request, while the CPU is free of charge."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "publish-events")

    function = RuntimeFunction("publish_events")

    assert {"container", "registry", "observer"} <= set(vars(function))
    assert PublishEventsHandler in function.container._built
    assert isinstance(function.container.get(ParkedCommits), SqsParkedCommits)  # type: ignore[type-abstract]


def test_function_works_with_another_container_when_a_test_puts_one_in_place(system: System) -> None:
    """What a function needs comes from its container alone."""
    function = RuntimeFunction("get_health")
    function.container = system.container

    assert function.clock is system.get(Clock)
    assert function.ids is system.get(Ids)
    assert function.message_class.__name__ == "GetHealthQuery"


def test_function_raises_when_the_catalog_has_no_such_row() -> None:
    """A function without a row does not start."""
    with pytest.raises(KeyError, match="no_such_function"):
        RuntimeFunction("no_such_function")
