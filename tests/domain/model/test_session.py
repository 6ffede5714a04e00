"""The head of a session."""

import pytest

from domain.model.session import TurnStatus
from tests.support.builders import make_running, make_session


@pytest.mark.parametrize("status", list(TurnStatus))
def test_turn_is_owed_only_when_it_is_running(status: TurnStatus) -> None:
    """A worker has something to do exactly while the turn is running."""
    assert make_running(status=status).is_turn_owed is (status is TurnStatus.RUNNING)


@pytest.mark.parametrize("queued", [0, 1, 5])
def test_queue_is_counted_when_messages_wait(queued: int) -> None:
    """Every turn handed out beyond the current one is a waiting message."""
    assert make_running(3, queued=queued).queued == queued


def test_event_id_holds_incarnation_and_number_when_asked_for() -> None:
    """The same number in a session made anew is another event."""
    first, anew = make_session(incarnation="a" * 12), make_session(incarnation="b" * 12)

    assert first.event_id(7) == f"{'a' * 12}:7"
    assert first.event_id(7) != anew.event_id(7)
