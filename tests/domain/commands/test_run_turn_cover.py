"""The message behind a worker must outlive it: workers that stall between hiding their message and taking the lock."""

from domain.model.agent import AgentType
from domain.model.change import Commit
from domain.model.llm import ModelRequest
from domain.model.lock import COVER_SECONDS
from domain.model.message import Role
from domain.model.value import SessionKey
from tests.support.builders import text
from tests.support.cloud import Cloud, Worker
from tests.support.stepped import Hidden


def owed() -> tuple[Cloud, SessionKey]:
    """Return a cloud whose session is owed its first turn."""
    cloud = Cloud()
    key = cloud.system.create(agent=AgentType.CODER)
    say(cloud, key, "first")
    return cloud, key


def say(cloud: Cloud, key: SessionKey, content: str) -> None:
    """Post a message and let its turn be requested."""
    cloud.system.say(key, content)
    cloud.relay()


def finish(cloud: Cloud, worker: Worker, *, saying: str = "Done.") -> None:
    """Let a worker come to its end."""
    while not worker.run.is_over:
        cloud.resume(worker, text(saying) if isinstance(worker.run.asks, ModelRequest) else None)


def drain(cloud: Cloud) -> None:
    """Deliver whatever the queue still has."""
    while cloud.waiting:
        message = min(cloud.waiting, key=lambda message: message.visible_at)
        cloud.pass_time(max(message.visible_at - cloud.clock.seconds, 0))
        finish(cloud, cloud.deliver(message))


def answers(cloud: Cloud, key: SessionKey) -> list[tuple[int, str]]:
    """Return turn and content of every assistant message."""
    return [(m.turn, m.content) for m in cloud.system.messages(key) if m.role is Role.ASSISTANT]


def stalled(cloud: Cloud, seconds: float) -> Worker:
    """Return a worker that sleeps for so long between hiding its message and taking the lock."""
    worker = cloud.deliver(cloud.due[0])
    assert isinstance(worker.run.asks, Hidden)
    worker.is_asleep = True
    cloud.pass_time(seconds)
    worker.is_asleep = False
    return worker


def test_turn_is_not_lost_when_its_worker_is_covered_by_a_message_that_is_gone() -> None:
    """A stalled worker's message was answered by another and deleted: it must not take a later turn under it.

    Whoever brings that later turn's own message would leave, seeing the session held; and if the holder dies, nothing
    brings the turn back.
    """
    cloud, key = owed()
    late = stalled(cloud, COVER_SECONDS)
    finish(cloud, cloud.deliver(cloud.due[0]), saying="One.")
    assert cloud.waiting == []
    say(cloud, key, "second")

    while not isinstance(late.run.asks, ModelRequest) and not late.run.is_over:
        cloud.resume(late)
    finish(cloud, cloud.deliver(cloud.due[0]), saying="Two.")
    if not late.run.is_over:
        cloud.kill(late)
    drain(cloud)

    assert [turn for turn, _ in answers(cloud, key)] == [1, 2]


def test_turn_is_handed_over_when_the_worker_took_the_lock_too_late() -> None:
    """It asks for a fresh message instead of a model, and gives the session back."""
    cloud, key = owed()
    late = stalled(cloud, COVER_SECONDS)

    cloud.resume(late)
    assert isinstance(late.run.asks, Commit)
    cloud.resume(late)

    assert late.run.is_over
    assert cloud.system.requested_turns(key)[-1].reason == "hand_over"
    assert cloud.store.locks == {}
    drain(cloud)
    assert answers(cloud, key) == [(1, "Done.")]


def test_worker_goes_on_when_it_took_the_lock_in_time() -> None:
    """As long as its message cannot have come back, nobody else can have done away with it."""
    cloud, key = owed()
    late = stalled(cloud, COVER_SECONDS - 0.1)

    finish(cloud, late, saying="One.")

    assert answers(cloud, key) == [(1, "One.")]
    assert [fact.reason for fact in cloud.system.requested_turns(key)] == ["message"]
