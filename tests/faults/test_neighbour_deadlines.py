"""A function answers for itself before Lambda or the gateway ends it, however slow its neighbours are."""

from collections import Counter
from math import inf

import pytest
from botocore.awsrequest import AWSResponse

from functions.catalog import CATALOG, Route, row
from tests.support.figures import Figures
from tests.support.neighbour_faults import fault_named
from tests.support.neighbour_scenes import COMMIT, CONVERSE, SCENES
from tests.support.neighbour_stage import Stages
from tests.support.neighbours import Fault, Sent

GATEWAY_SECONDS = 29
"""API Gateway waits no longer."""
START_SECONDS = 3
"""Of these a worker may need so many to start, which its own timeout does not count."""
TRIES = 3

ASKING = [name for name, scene in SCENES.items() if scene.operations]


def _all_but_too_late() -> Fault:
    """Return a neighbour that answers the third try of each request, which is the last."""
    tries: Counter[str] = Counter()

    def happen(sent: Sent) -> AWSResponse:
        tries[sent.operation] += 1
        if tries[sent.operation] % TRIES:
            return fault_named(f"{sent.service}.{sent.operation}", "read timeout").happen(sent)
        return sent.carry_out()

    return happen


@pytest.mark.parametrize("name", [function.name for function in CATALOG if isinstance(function.trigger, Route)])
def test_function_is_ended_before_the_gateway_gives_up(name: str) -> None:
    """A client gets our answer, never the gateway's 504, also when the worker has to start first."""
    assert row(name).timeout_seconds + START_SECONDS <= GATEWAY_SECONDS


@pytest.mark.parametrize("name", ASKING)
def test_function_answers_in_time_when_every_neighbour_is_as_slow_as_can_be(
    stages: Stages, name: str, figures: Figures
) -> None:
    """Each request is answered at its last try, or not at all: 503, or the work is done, before the time is over."""
    scene = SCENES[name]
    with stages.set_up(name, scene) as stage:
        for operation in scene.operations:
            if operation != CONVERSE:
                stage.neighbours.fail(operation, _all_but_too_late(), times=inf)

        outcome = stage.invoke()

    limit = row(scene.function).timeout_seconds
    assert outcome.seconds < limit
    assert not stage.is_http or outcome.status in {200, 201, 202, 503}
    figures.note("as slow as can be", function=name, seconds=outcome.seconds, limit=limit, ended=str(outcome.status))


def test_model_that_never_answers_ends_the_turn_in_time(stages: Stages, figures: Figures) -> None:
    """The worker gives up while it can still say so: the turn is failed, the user may say it again."""
    scene = SCENES["run_turn"]
    with stages.set_up("run_turn", scene) as stage:
        stage.neighbours.fail(CONVERSE, fault_named(CONVERSE, "read timeout").happen, times=inf)

        outcome = stage.invoke()

        assert outcome.status == "done"
        assert outcome.seconds < row("run_turn").timeout_seconds
        error = stage.left()["turn"][2]
        assert error.code == "MODEL_UNAVAILABLE"
        assert stage.neighbours.sent[COMMIT] == 1
    figures.note("a model that never answers", seconds=outcome.seconds)
