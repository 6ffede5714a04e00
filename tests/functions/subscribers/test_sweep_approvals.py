"""The net under the queue of expiries."""

import pytest

from domain.model.errors import StorageUnavailable
from domain.model.value import SessionKey
from domain.ports import ApprovalRepository
from tests.support.builders import calls, fake_clock, scripted_model, wants
from tests.support.edge import LambdaContext, started
from tests.support.fakes import FailingPort
from tests.support.log_lines import LogLines
from tests.support.samples import sample
from tests.support.system import System


def test_sweep_lets_approvals_expire_when_the_clock_ticks(system: System, session: SessionKey, log: LogLines) -> None:
    """The sample ends what nobody has decided, under the correlation id of the clock's event."""
    system.switch(session, "coder")
    system.say(session)
    scripted_model(system).answers.insert(0, calls(wants("write_file", path="a.py", content="x")))
    system.work(session)
    fake_clock(system).advance(300)

    answer = started("sweep_approvals", system)(sample("sweep_approvals"), LambdaContext())

    assert answer == {"expired": 1, "left": 0}
    assert system.session(session).turn.status == "running"
    assert system.events(session)[-1].trace.correlation_id == sample("sweep_approvals")["id"]
    assert log.only("handled")["expired"] == 1


def test_sweep_fails_when_the_table_cannot_be_read(system: System, log: LogLines) -> None:
    """Lambda is told, and tries again."""
    system.container.register(ApprovalRepository, lambda: FailingPort(StorageUnavailable()))

    with pytest.raises(StorageUnavailable):
        started("sweep_approvals", system)(sample("sweep_approvals"), LambdaContext())

    assert log.only("handled")["code"] == "STORAGE_UNAVAILABLE"
