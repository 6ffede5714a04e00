"""Every neighbour fails in every way it can, for a moment and for good, at every function that asks it.

Repeat one case: `pytest --effort whole "tests/faults/test_neighbour_faults.py" -k "<the case's name>"`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

import pytest

from domain.model.message import Role
from domain.model.session import TurnErrorCode
from functions.catalog import CATALOG, row
from tests.support.log_lines import LogLines, logged
from tests.support.neighbour_cases import ALL, PART, Case
from tests.support.neighbour_faults import BY_OPERATION, faults_of
from tests.support.neighbour_scenes import ALLOWS, CONVERSE, PUBLISH, SCENES
from tests.support.neighbour_stage import Outcome, Stage, Stages


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try all cases when asked for the whole, else a part that has each operation and each fault."""
    if "case" in metafunc.fixturenames:
        cases = ALL if metafunc.config.getoption("effort") == "whole" else PART
        metafunc.parametrize("case", cases, ids=map(str, cases))


@dataclass(frozen=True)
class Usual:
    """A scene without a fault."""

    outcome: Outcome
    left: dict[str, Any]
    sent: Counter[str]


class Theatre:
    """Stages, and what each scene comes to when nothing fails."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self._usual: dict[str, Usual] = {}

    def usual(self, name: str) -> Usual:
        """Return what the scene comes to."""
        if name not in self._usual:
            with self.stages.set_up(name, SCENES[name]) as stage:
                outcome = stage.invoke()
                sent = stage.neighbours.sent.copy()
                self._usual[name] = Usual(outcome, stage.left(), sent)
        return self._usual[name]


@pytest.fixture(scope="module")
def theatre(stages: Stages) -> Theatre:
    """Return the scenes, each played once without a fault."""
    return Theatre(stages)


@pytest.fixture
def log() -> Iterator[LogLines]:
    """Return what the functions log."""
    with logged() as lines:
        yield lines


def test_every_function_has_a_scene() -> None:
    """A function that is added to the catalog is added to the scenes."""
    assert {scene.function for scene in SCENES.values()} == {row.name for row in CATALOG}


@pytest.mark.parametrize("name", SCENES)
def test_scene_asks_whom_it_says(theatre: Theatre, name: str) -> None:
    """An operation that a function begins to use is added to its scene, and so gets its faults."""
    scene, usual = SCENES[name], theatre.usual(name)

    assert {operation for operation in usual.sent if operation != scene.down} == set(scene.operations)
    assert usual.outcome.status not in {500, 503, "raised", "left"}
    assert all(faults_of(operation) for operation in scene.operations)


def test_scenes_use_every_grant_and_nothing_else() -> None:
    """Whatever a function may do is tried, and whatever is tried it may do."""
    allowed = {(function.name, operation) for function in CATALOG for g in function.grants for operation in ALLOWS[g]}
    asked = {(scene.function, operation) for scene in SCENES.values() for operation in scene.operations}

    assert asked <= allowed
    assert {operation for _, operation in asked} == {operation for _, operation in allowed}
    assert BY_OPERATION.keys() <= {operation for _, operation in asked}


def test_part_has_every_operation_and_every_fault() -> None:
    """What is tried each time leaves no operation and no kind of failure out."""
    assert {(case.name, case.operation) for case in PART} == {(case.name, case.operation) for case in ALL}
    assert {case.fault_name for case in PART} == {case.fault_name for case in ALL}


def test_one_fault_changes_nothing(theatre: Theatre, case: Case) -> None:
    """What fails once is asked again: same answer, same state, one request more."""
    usual = theatre.usual(case.name)
    with theatre.stages.set_up(case.name, case.scene) as stage:
        stage.neighbours.fail(case.operation, case.fault.happen)

        outcome = stage.invoke()
        more = stage.neighbours.sent[case.operation] - usual.sent[case.operation]
        if not case.is_repeated:
            assert (outcome.status, outcome.code) == case.ending()
            stage.recover()
            outcome = stage.invoke()
        stage.settle()

        assert _ended(outcome) == _ended(usual.outcome)
        assert stage.left() == usual.left
        # Who looks again and again until his time is over looks once less for each second that he lost.
        is_looking = usual.sent[case.operation] > 12
        assert is_looking or more == (0 if case.is_unnoticed or not case.is_repeated else 1)


def test_lasting_fault_ends_in_a_clear_state_and_loses_nothing(theatre: Theatre, case: Case, log: LogLines) -> None:
    """The client is told when to come again, the message comes back; then everything is there, once."""
    usual = theatre.usual(case.name)
    with theatre.stages.set_up(case.name, case.scene) as stage:
        stage.neighbours.fail(case.operation, case.fault.happen, times=inf)

        outcome = stage.invoke()

        expected = _ended(usual.outcome) if case.is_survived else case.ending()
        assert (outcome.status, outcome.code) == expected
        assert outcome.retry_after is (stage.is_http and not case.is_survived)
        assert outcome.seconds < row(case.scene.function).timeout_seconds
        # The scene without a fault may have been played just before.
        line = [line for line in log.lines if line["message"] == "handled"][-1]
        assert not stage.is_http or line.get("code") == outcome.code
        assert outcome.status != "comes back" or line.get("delivery") == "comes_back" or "code" in line
        _nothing_is_lost(stage, case, usual)


def _nothing_is_lost(stage: Stage, case: Case, usual: Usual) -> None:
    if case.operation == CONVERSE or case.is_given_up:
        code = TurnErrorCode.TURN_FAILED if case.is_given_up else TurnErrorCode.MODEL_UNAVAILABLE
        if case.is_given_up:
            stage.recover()
        # A worker whose time ran out over a model has handed over: the next one comes to the same end.
        stage.pass_time()
        stage.invoke()
        left = stage.left()
        assert left["turn"][2].code is code
        said, usually = ([m for m in state["messages"] if m[0] is Role.USER] for state in (left, usual.left))
        assert said == usually
        return
    if case.operation == PUBLISH:
        # The bus took not everything: the commit waits by its key, and is published from the log.
        assert len(stage.left()["parked"]) == 1
        return
    stage.recover()
    again = stage.invoke()
    stage.settle()
    assert _ended(again) == _ended(usual.outcome)
    assert stage.left() == usual.left


def _ended(outcome: Outcome) -> tuple[int | str, str | None]:
    return outcome.status, outcome.code
