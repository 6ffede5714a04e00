"""An outage that outlasts deliveries: each turn ends in a clear state, keeps its message, may be asked for again."""

from math import inf

import pytest

from domain.model.session import TurnErrorCode, TurnStatus
from domain.services.orchestration import MAX_ATTEMPTS
from tests.support.neighbour_faults import fault_named
from tests.support.neighbour_scenes import COMMIT, GET_OBJECT, HIDE, LARGE, SCENES, UPDATE
from tests.support.neighbour_stage import Stages

DELIVERIES = 12


def test_turn_is_given_up_when_its_message_cannot_be_read(stages: Stages) -> None:
    """Three workers try; the fourth ends the turn, since it would never end otherwise. The message stays."""
    name = "run_turn, a large message"
    with stages.set_up(name, SCENES[name]) as stage:
        stage.neighbours.fail(GET_OBJECT, fault_named(GET_OBJECT, "InternalError").happen, times=inf)

        outcomes = []
        for _ in range(MAX_ATTEMPTS + 1):
            outcomes.append(stage.invoke().status)
            stage.pass_time()

        left = stage.left()
        assert outcomes == ["comes back"] * MAX_ATTEMPTS + ["done"]
        assert (left["turn"][1], left["turn"][2].code) == (TurnStatus.FAILED, TurnErrorCode.TURN_FAILED)
        assert [message[1][:9] for message in left["messages"]] == [LARGE[:9]]


@pytest.mark.parametrize("operation", [HIDE, UPDATE])
def test_turn_waits_for_as_long_as_it_takes_when_no_worker_can_begin(stages: Stages, operation: str) -> None:
    """While the table or the queue is down nobody begins, so nobody gives up; then the turn is answered."""
    with stages.set_up("run_turn", SCENES["run_turn"]) as stage:
        stage.neighbours.fail(operation, fault_named(operation, "connection refused").happen, times=inf)
        for _ in range(DELIVERIES):
            assert stage.invoke().status == "comes back"
            stage.pass_time()

        stage.recover()
        stage.invoke()

        assert stage.left()["turn"][1] is TurnStatus.IDLE
        assert stage.neighbours.sent[COMMIT] == 1
