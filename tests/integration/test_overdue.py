"""Finding approvals whose time is over, in a table that holds much else."""

from datetime import timedelta

from domain.commands.sweep_approvals import SweepApprovalsCommand, SweptDTO
from domain.ports import ApprovalRepository, Clock
from tests.support.builders import calls, fake_clock, reads, scripted_model, wants
from tests.support.system import BOB, TRACE, System


def test_sweep_finds_what_is_overdue_in_the_table(system: System) -> None:
    """Of every user's sessions; decided approvals, those with time left, and other items are passed over."""
    gated = wants("write_file", path="a.py", content="x")
    mine, theirs = system.create(agent="coder"), system.create("s1", BOB, agent="coder")
    for key, answer in ((mine, calls(gated, gated)), (theirs, calls(gated, *reads("b.py")))):
        system.say(key)
        scripted_model(system).answers.append(answer)
        system.work(key)
    repository: ApprovalRepository = system.get(ApprovalRepository)
    now = system.get(Clock).now()

    early = list(repository.overdue(now))
    due = sorted(repository.overdue(now + timedelta(seconds=300)), key=str)
    fake_clock(system).advance(300)
    swept: SweptDTO = system.registry.execute_command(SweepApprovalsCommand(trace=TRACE, seconds=900.0))

    assert early == []
    assert {key for key, _ in due} == {mine, theirs}
    assert len(due) == swept.expired == 3
    assert list(repository.overdue(system.get(Clock).now())) == []
    assert [system.session(key).turn.status for key in (mine, theirs)] == ["running", "waiting_for_tools"]
