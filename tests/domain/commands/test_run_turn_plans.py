"""A plan survives its workers: no subtask starts twice, none is forgotten."""

import pytest

from domain.model.change import Commit
from domain.model.events.plan import SubtaskCompleted, SubtaskStarted
from domain.model.llm import ModelRequest
from domain.model.lock import COVER_SECONDS
from domain.model.value import SessionKey
from tests.support.builders import text
from tests.support.cloud import ANSWER_LOST, Cloud, Worker
from tests.support.fakes import WorkerKilled
from tests.support.invariants import check_is_over, check_session
from tests.support.plans import decide, start_plan, statuses


@pytest.fixture
def cloud() -> Cloud:
    """Return a cloud with a session whose first of two subtasks is owed."""
    cloud = Cloud()
    start_plan(cloud.system, cloud.system.create(agent="coder"), (), (0,))
    cloud.relay()
    return cloud


@pytest.fixture
def key(cloud: Cloud) -> SessionKey:
    """Return its session."""
    (key,) = cloud.store.heads
    return key


def at_its_commit(cloud: Cloud) -> Worker:
    """Deliver what is due, and let the worker go on to the commit that ends the subtask and starts the next."""
    worker = cloud.deliver(cloud.due[0])
    while not isinstance(worker.run.asks, Commit):
        cloud.resume(worker, text("One.") if isinstance(worker.run.asks, ModelRequest) else None)
    return worker


def bring_to_an_end(cloud: Cloud) -> None:
    """Let the queue alone bring everything to its end."""
    while cloud.waiting:
        message = min(cloud.waiting, key=lambda message: message.visible_at)
        cloud.pass_time(max(message.visible_at - cloud.clock.seconds, 0))
        worker = cloud.deliver(message)
        while not worker.run.is_over:
            cloud.resume(worker, text("Again.") if isinstance(worker.run.asks, ModelRequest) else None)


def begun_and_done(cloud: Cloud, key: SessionKey) -> tuple[list[str], list[str]]:
    """Return the subtasks that were started, and those that were completed, in order."""
    facts = [event.fact for event in cloud.system.events(key)]
    return (
        [fact.subtask_id for fact in facts if isinstance(fact, SubtaskStarted)],
        [fact.subtask_id for fact in facts if isinstance(fact, SubtaskCompleted)],
    )


@pytest.mark.parametrize("reply", [WorkerKilled(), ANSWER_LOST], ids=["before the commit", "right after it"])
def test_each_subtask_is_done_once_when_a_worker_dies_at_its_commit(
    cloud: Cloud, key: SessionKey, reply: object
) -> None:
    """Before it nothing has started, and after it whoever comes next finds what has."""
    worker = at_its_commit(cloud)
    cloud.resume(worker, reply)

    bring_to_an_end(cloud)

    assert begun_and_done(cloud, key) == (["1", "2"], ["1", "2"])
    assert statuses(cloud.system, key) == ("completed", "done", "done")
    check_session(cloud.store, key)
    check_is_over(cloud.store, key)


def test_each_subtask_is_done_once_when_a_zombie_wakes_up(cloud: Cloud, key: SessionKey) -> None:
    """Its successor has ended the subtask and started the next; what it says itself is written nowhere."""
    zombie = at_its_commit(cloud)
    zombie.is_asleep = True
    cloud.pass_time(COVER_SECONDS)
    bring_to_an_end(cloud)

    cloud.resume(zombie)

    assert begun_and_done(cloud, key) == (["1", "2"], ["1", "2"])
    assert [message.content for message in cloud.system.messages(key)].count("One.") == 0
    check_session(cloud.store, key)


def test_worker_decides_anew_when_the_plan_was_changed_while_it_was_at_work(cloud: Cloud, key: SessionKey) -> None:
    """The user skips the second subtask just before the first is done: it is not started."""
    worker = at_its_commit(cloud)
    decide(cloud.system, key, "skip", subtask_id="2")

    cloud.resume(worker)
    cloud.resume(worker)

    assert begun_and_done(cloud, key) == (["1"], ["1"])
    assert statuses(cloud.system, key) == ("completed", "done", "skipped")
    check_session(cloud.store, key)


def test_worker_writes_nothing_when_the_plan_was_cancelled_while_it_was_at_work(cloud: Cloud, key: SessionKey) -> None:
    """Its fence is gone with the turn."""
    worker = at_its_commit(cloud)
    decide(cloud.system, key, "cancel")

    cloud.resume(worker)
    bring_to_an_end(cloud)

    assert begun_and_done(cloud, key) == (["1"], [])
    assert statuses(cloud.system, key) == ("cancelled", "failed", "pending")
    check_session(cloud.store, key)
    check_is_over(cloud.store, key)
