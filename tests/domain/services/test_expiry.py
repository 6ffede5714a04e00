"""Writing down that nobody has decided in time."""

import pytest

from domain.model.errors import SessionNotFound
from domain.model.value import CallId, SessionKey
from domain.services.expiry import ApprovalExpiry
from tests.support.builders import calls, fake_clock, make_key, make_trace, wants
from tests.support.deciding import decide_approval
from tests.support.system import System, memory_system


def asked() -> tuple[System, SessionKey, CallId]:
    """Return a system whose session asks whether `a.py` may be deleted."""
    system = memory_system(calls(wants("delete_file", path="a.py")))
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)
    return system, key, system.session(key).open_calls[0]


def test_expiry_is_written_when_it_is_due() -> None:
    """Under the trace of whoever noticed."""
    system, key, call_id = asked()
    fake_clock(system).advance(300)

    system.get(ApprovalExpiry).write(key, call_id, make_trace("noticed", "cause:1"))

    written = system.events(key)[-3:]
    assert [event.fact.type_name() for event in written] == ["ApprovalExpired", "MessageAdded", "TurnRequested"]
    assert {event.trace for event in written} == {make_trace("noticed", "cause:1")}


@pytest.mark.parametrize(
    ("seconds", "decision", "call_id"),
    [(299.999, None, None), (301, "approve", None), (301, "reject", None), (301, None, "1-0")],
    ids=["time left", "approved", "rejected", "no such call"],
)
def test_nothing_is_written_when_nothing_is_due(seconds: float, decision: str | None, call_id: str | None) -> None:
    """Whoever asks for it, and however often."""
    system, key, only = asked()
    if decision:
        decide_approval(system, key, f"a-{only}", decision)
    before = system.facts(key)
    fake_clock(system).advance(seconds)

    system.get(ApprovalExpiry).write(key, CallId(call_id or only), make_trace())

    assert system.facts(key) == before


def test_expiry_is_refused_when_there_is_no_session() -> None:
    """Whoever asks must know what that means for them."""
    with pytest.raises(SessionNotFound):
        memory_system().get(ApprovalExpiry).write(make_key("missing"), CallId("9-0"), make_trace())
