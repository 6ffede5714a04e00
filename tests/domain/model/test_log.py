"""Events in the log."""

from domain.model.events.turn import TurnReason, TurnRequested
from tests.support.builders import INCARNATION, make_event, make_trace


def test_event_id_is_its_place_when_asked_for() -> None:
    """Incarnation and number name an event among all sessions that ever were."""
    assert make_event(seq=7).event_id == f"{INCARNATION}:7"


def test_effect_trace_names_the_event_as_cause_when_it_sets_something_off() -> None:
    """What an event causes belongs to the same request and points back at the event."""
    event = make_event(seq=7, trace=make_trace("request", "earlier:1"))

    assert event.effect_trace == make_trace("request", f"{INCARNATION}:7")


def test_event_keeps_its_fact_whole_when_it_is_written_as_json() -> None:
    """The fact's own fields survive, though the event only knows that it holds a fact."""
    event = make_event(TurnRequested(turn=4, reason=TurnReason.HAND_OVER))

    assert event.model_dump(mode="json")["fact"] == {"turn": 4, "reason": "hand_over"}
