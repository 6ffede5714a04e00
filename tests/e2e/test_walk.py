"""The walk through everything the service does, with each kind of model, every role enforced."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from rich.console import Console

from infra.local.cloud import LocalCloud
from infra.local.environment import model_variables
from infra.local.model import LocalModel, requested_model
from infra.local.walk.run import CONTEXT, run_walk
from tests.support.directive_server import DirectiveModel
from tests.support.scripted_server import ScriptedServer, served


def _offline(_: ExitStack) -> LocalModel:
    return requested_model(model_variables({}))


def _elsewhere(stack: ExitStack) -> LocalModel:
    server: ScriptedServer = stack.enter_context(served(DirectiveModel()))
    return requested_model(model_variables({"MODEL": "openai", "MODEL_BASE_URL": f"{server.url}/v1"}))


@pytest.fixture(scope="module", params=[_offline, _elsewhere], ids=["offline", "openai-compatible"])
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The system with one kind of model, and little time to decide."""
    begin: Callable[[ExitStack], LocalModel] = request.param
    with ExitStack() as stack:
        model = begin(stack)
        yield stack.enter_context(
            LocalCloud.start(tmp_path_factory.mktemp("walk"), auth=True, model=model, context=CONTEXT)
        )


def test_walk_covers_everything_when_the_whole_system_runs(cloud: LocalCloud) -> None:
    """Every operation, tool, end of an approval and fact is met over HTTP, whoever the model is."""
    shown = io.StringIO()

    code = run_walk(cloud.endpoint, console=Console(file=shown, width=120))

    assert code == 0, shown.getvalue()
    assert "everything was covered" in shown.getvalue()
