"""A lease is kept alive, and with it the message that covers its holder."""

import inspect
import threading
from collections.abc import Callable

import pytest

from domain.model.errors import LostFence, LostRace, StorageUnavailable
from domain.model.lock import COVER_SECONDS, RENEWAL_SECONDS, Holder, Lease
from functions.adapters.heartbeat import Heartbeat
from tests.support.builders import make_key, make_session
from tests.support.fakes import START
from tests.support.patience import PATIENCE_SECONDS


class Neighbours:
    """Lock and queue in one: writes down what is asked of them, and answers from a script.

    Attributes:
        asked: What was asked, in order.
    """

    def __init__(self, *answers: Exception | None) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)
        self._is_over = threading.Event()

    def renew(self, lease: Lease) -> None:
        """Renew, or fail as the script says."""
        self._answer(f"renew {lease.fence}")

    def extend(self, receipt: str, seconds: int) -> None:
        """Hide, or fail as the script says."""
        self._answer(f"extend {receipt} {seconds}")

    def wait(self) -> None:
        """Return when the script is at its end."""
        assert self._is_over.wait(PATIENCE_SECONDS)

    def _answer(self, question: str) -> None:
        if not self._answers:
            # The script is over: whatever else is asked until somebody stops the heart is of no interest.
            return
        self.asked.append(question)
        answer = self._answers.pop(0)
        if not self._answers:
            self._is_over.set()
        if answer:
            raise answer


def lease(receipt: str = "r1") -> Lease:
    """Return a lease whose holder is covered by the delivery `receipt`."""
    return Lease(
        key=make_key(),
        holder=Holder(name="h", cover="m", receipt=receipt),
        fence=7,
        session=make_session(),
        until=START,
    )


def beating(neighbours: Neighbours, receipt: str = "r1") -> Heartbeat:
    """Return a heart that beats as fast as it can."""
    return Heartbeat(neighbours, neighbours, lease(receipt), every_seconds=0)  # type: ignore[arg-type]


def heart_threads() -> list[threading.Thread]:
    """Return the hearts that beat now."""
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


def test_heartbeat_renews_the_lease_before_it_hides_the_message_when_it_beats() -> None:
    """The message is hidden only after a renewal that succeeded, each time anew."""
    neighbours = Neighbours(None, None, None, None)

    with beating(neighbours):
        neighbours.wait()

    assert neighbours.asked == ["renew 7", f"extend r1 {COVER_SECONDS}"] * 2


@pytest.mark.parametrize("failure", [StorageUnavailable(), LostRace()])
def test_heartbeat_does_not_hide_the_message_when_the_renewal_failed(failure: Exception) -> None:
    """Without a renewal the message comes back, and the next beat tries again."""
    neighbours = Neighbours(failure, failure, None, None)

    with beating(neighbours):
        neighbours.wait()

    assert neighbours.asked == ["renew 7", "renew 7", "renew 7", f"extend r1 {COVER_SECONDS}"]


@pytest.mark.parametrize("failure", [StorageUnavailable(), LostRace()])
def test_heartbeat_goes_on_when_hiding_failed(failure: Exception) -> None:
    """A queue that did not answer once is asked again after the next renewal."""
    neighbours = Neighbours(None, failure, None, None)

    with beating(neighbours):
        neighbours.wait()

    assert neighbours.asked == ["renew 7", f"extend r1 {COVER_SECONDS}"] * 2


def test_heartbeat_stops_when_the_fence_is_lost() -> None:
    """A worker that was paused past its lease stops hiding the message that its successor needs."""
    neighbours = Neighbours(None, None, LostFence())

    with beating(neighbours) as heart:
        neighbours.wait()
        heart._thread.join(PATIENCE_SECONDS)
        assert not heart._thread.is_alive()

    assert neighbours.asked == ["renew 7", f"extend r1 {COVER_SECONDS}", "renew 7"]


def test_heartbeat_hides_nothing_when_no_message_covers_the_holder() -> None:
    """Whoever was not started by the queue has nothing to hide."""
    neighbours = Neighbours(None, None, None)

    with beating(neighbours, receipt=""):
        neighbours.wait()

    assert neighbours.asked == ["renew 7"] * 3


def test_heartbeat_does_not_beat_when_the_block_ends_first() -> None:
    """The first beat comes after an interval: a short turn costs no renewal, and no thread is left behind."""
    neighbours = Neighbours(None)

    with Heartbeat(neighbours, neighbours, lease(), every_seconds=PATIENCE_SECONDS):  # type: ignore[arg-type]
        assert len(heart_threads()) == 1

    assert neighbours.asked == []
    assert heart_threads() == []


def fail() -> None:
    """Raise what a broken turn raises."""
    raise RuntimeError


@pytest.mark.parametrize("block", [fail, lambda: None])
def test_heartbeat_leaves_no_thread_behind_when_the_block_ends(block: Callable[[], None]) -> None:
    """The heart stops with the block, however that ends, and lets its error pass."""
    neighbours = Neighbours(None)
    raised: list[type[BaseException]] = []

    try:
        with beating(neighbours):
            neighbours.wait()
            block()
    except RuntimeError as error:
        raised.append(type(error))

    assert heart_threads() == []
    assert raised == ([RuntimeError] if block is fail else [])


def test_heart_beats_as_often_as_the_times_of_the_lock_say() -> None:
    """How they hold together: tests/domain/model/test_lock.py."""
    assert inspect.signature(Heartbeat).parameters["every_seconds"].default == RENEWAL_SECONDS
