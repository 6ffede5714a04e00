"""The envelope of facts on the bus."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.events import FACTS
from domain.model.events.system import LockLost
from domain.model.message import Role
from functions.adapters.eventbridge.envelope import SOURCE, VERSION, from_envelope, to_detail
from tests.support.builders import make_event, make_key, make_message, make_trace
from tests.support.samples import fact_sample

TEXT = "what the user said"


def envelope(detail: dict[str, Any], fact: str) -> dict[str, Any]:
    """Return an EventBridge event, after its way as JSON."""
    event: dict[str, Any] = json.loads(json.dumps({"detail-type": fact, "source": SOURCE, "detail": detail}))
    return event


def test_detail_has_the_documented_metadata_when_an_event_is_written() -> None:
    """The metadata is what the architecture lists, and the data is the fact."""
    event = make_event(LockLost(fence=3), seq=7, turn=2, trace=make_trace("c-1", "inc:5"))

    detail = to_detail(event)

    assert detail == {
        "metadata": {
            "event_id": event.event_id,
            "session_id": event.key.session_id,
            "user": event.key.user,
            "seq": 7,
            "turn": 2,
            "category": "system",
            "priority": 90,
            "correlation_id": "c-1",
            "causation_id": "inc:5",
            "occurred_at": "2026-01-01T12:00:00.000+00:00",
            "version": VERSION,
        },
        "data": {"fence": 3},
    }


def test_detail_holds_no_text_when_the_event_has_a_message() -> None:
    """The bus never carries what was said; readers fetch it by key."""
    event = make_event(message=make_message(Role.USER, TEXT))

    assert TEXT not in json.dumps(to_detail(event))
    assert from_envelope(envelope(to_detail(event), "MessageAdded")) == event.model_copy(update={"message": None})


@given(
    fact=st.sampled_from(sorted(FACTS)),
    seq=st.integers(1, 10**12 - 1),
    turn=st.integers(0, 10**6),
    milliseconds=st.integers(0, 4_102_444_800_000),
    session_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    causation=st.none() | st.integers(1, 10**6).map("inc:{}".format),
)
def test_event_comes_back_unchanged_when_it_went_over_the_bus(
    *, fact: str, seq: int, turn: int, milliseconds: int, session_id: str, causation: str | None
) -> None:
    """Whatever its numbers, an event that was written is the event that is read."""
    event = make_event(
        from_envelope(fact_sample(fact)).fact,
        seq=seq,
        turn=turn,
        key=make_key(session_id),
        occurred_at=datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000),
        trace=make_trace("c-1", causation),
    )

    assert from_envelope(envelope(to_detail(event), fact)) == event


def broken(**metadata: Any) -> dict[str, Any]:
    """Return a sample whose metadata says something else."""
    event = fact_sample("LockLost")
    event["detail"]["metadata"] |= metadata
    return event


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail": {}},
        {"detail": {"metadata": {}, "data": {}}},
        fact_sample("LockLost") | {"detail-type": "Nothing"},
        fact_sample("LockLost") | {"detail-type": "TurnStarted"},
        broken(seq="many"),
        broken(session_id="../s"),
        broken(occurred_at="yesterday"),
    ],
)
def test_envelope_is_refused_when_it_is_none_of_ours(event: dict[str, Any]) -> None:
    """What cannot be read is an error that the caller can name."""
    with pytest.raises((KeyError, ValueError)):
        from_envelope(event)
