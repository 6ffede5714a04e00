"""Sweeping up approvals that nobody has seen to."""

from domain.commands.sweep_approvals import SweepApprovalsCommand, SweptDTO
from domain.model.approval import ApprovalStatus
from domain.model.errors import SessionBusy, SessionNotFound
from domain.model.value import CallId, SessionKey, Trace
from domain.ports import SessionRepository
from domain.services.expiry import ApprovalExpiry, Waiting
from tests.support.builders import calls, fake_clock, make_key, memory_store, scripted_model, wants
from tests.support.system import BOB, TRACE, System, memory_system


def asked(system: System, key: SessionKey) -> CallId:
    """Let a session ask for leave to write, and return the call."""
    system.say(key)
    scripted_model(system).answers.insert(0, calls(wants("write_file", path="a.py", content="x")))
    system.work(key)
    [call_id] = system.session(key).open_calls
    return call_id


def sweep(system: System, seconds: float = 900.0) -> SweptDTO:
    """Sweep once."""
    swept: SweptDTO = system.registry.execute_command(SweepApprovalsCommand(trace=TRACE, seconds=seconds))
    return swept


def test_sweep_ends_what_is_overdue_and_nothing_else() -> None:
    """Of every user's; an approval with a second left stays."""
    system = memory_system()
    first, other = system.create(agent="coder"), system.create("s2", BOB, agent="coder")
    asked(system, first)
    fake_clock(system).advance(1)
    asked(system, other)
    fake_clock(system).advance(299)

    assert sweep(system) == SweptDTO(expired=1, left=0)

    statuses = [approval.status for approval in memory_store(system).approvals.values()]
    assert statuses == [ApprovalStatus.EXPIRED, ApprovalStatus.PENDING]
    assert system.session(first).turn.status == "running"
    assert system.session(other).turn.status == "waiting_for_approval"


def test_sweep_finds_nothing_when_it_comes_again() -> None:
    """What has ended is told once."""
    system = memory_system()
    asked(system, system.create(agent="coder"))
    fake_clock(system).advance(300)

    assert [sweep(system).expired, sweep(system).expired] == [1, 0]


def test_sweep_stops_when_its_time_is_over() -> None:
    """The rest is left to the next one."""
    system = memory_system()
    asked(system, system.create(agent="coder"))
    fake_clock(system).advance(300)

    assert sweep(system, seconds=0) == SweptDTO(expired=0, left=1)


class Stubborn(ApprovalExpiry):
    """Fails for one session, as if somebody were always faster, and for another, as if it were gone."""

    def __init__(self, inner: ApprovalExpiry) -> None:
        self._inner = inner

    def write(self, key: SessionKey, call_id: CallId, trace: Trace) -> Waiting:
        """Write, or fail."""
        if key.session_id == "busy":
            raise SessionBusy
        if key.session_id == "gone":
            raise SessionNotFound
        return self._inner.write(key, call_id, trace)


def test_sweep_goes_on_when_one_session_is_busy_or_gone() -> None:
    """One that cannot be written now does not keep the others from their end."""
    system = memory_system()
    for name in ("busy", "gone", "free"):
        asked(system, system.create(name, agent="coder"))
    fake_clock(system).advance(300)
    expiry = system.get(ApprovalExpiry)
    system.container.register(ApprovalExpiry, lambda: Stubborn(expiry))

    assert sweep(system) == SweptDTO(expired=1, left=1)

    sessions: SessionRepository = system.get(SessionRepository)
    assert sessions.get(make_key("free")).turn.status == "running"
