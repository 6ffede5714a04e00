"""Letting approvals expire at their second."""

from typing import Any

import pytest

from domain.commands.expire_approval import LONGEST_HIDING_SECONDS
from domain.commands.run_turn import Delivery
from domain.model.approval import approval_id_of
from domain.model.change import Commit
from domain.model.errors import ApprovalExpired, StorageUnavailable
from domain.model.message import CallStatus
from domain.model.session import TurnStatus
from domain.model.value import ApprovalId, CallId, SessionKey
from domain.ports import ExpiryQueue
from tests.support.builders import calls, fake_clock, make_key, memory_store, reads, text, wants
from tests.support.deciding import approvals_of, decide_approval, deliver_expiry
from tests.support.invariants import check_session
from tests.support.system import System, memory_system


def asked(*answers: Any, **settings: Any) -> tuple[System, SessionKey, ApprovalId]:
    """Return a system whose session asks whether `a.py` may be deleted, and the approval."""
    system = memory_system(calls(wants("delete_file", path="a.py")), *answers, **settings)
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)
    (call_id,) = system.session(key).open_calls
    return system, key, approval_id_of(call_id)


@pytest.mark.parametrize(
    ("passed", "hidden"), [(0.0, 300), (0.001, 300), (1.0, 299), (299.0, 1), (299.5, 1), (299.999, 1)]
)
def test_message_hides_until_its_second_when_there_is_time_left(passed: float, hidden: int) -> None:
    """Whole seconds, rounded up, so that it is due when it comes back; nothing is written before."""
    system, key, approval_id = asked()
    fake_clock(system).advance(passed)
    before = system.facts(key)

    assert deliver_expiry(system, key, approval_id, "r-1") is Delivery.COMES_BACK

    assert system.get(ExpiryQueue).extended == [("r-1", hidden)]
    assert system.facts(key) == before


def test_message_hides_as_long_as_it_can_when_the_time_is_longer() -> None:
    """SQS takes no more than twelve hours; then it hides again."""
    system, key, approval_id = asked(approval_seconds="86400")

    assert deliver_expiry(system, key, approval_id) is Delivery.COMES_BACK

    assert system.get(ExpiryQueue).extended == [("receipt", LONGEST_HIDING_SECONDS)]
    assert LONGEST_HIDING_SECONDS < 12 * 3600


def test_call_is_closed_and_the_turn_goes_on_when_its_second_has_come() -> None:
    """The model reads that nobody approved it, and may say something else."""
    system, key, approval_id = asked(text("Then not."))
    fake_clock(system).advance(300)

    assert deliver_expiry(system, key, approval_id) is Delivery.DONE
    facts = system.facts(key)
    result = system.messages(key)[-1]
    system.work(key)

    assert facts[-3:] == ["ApprovalExpired", "MessageAdded", "TurnRequested"]
    assert result.outcome is CallStatus.EXPIRED
    assert "nobody approved it in time" in result.content
    assert approvals_of(system, key)[0].status == "expired"
    assert system.messages(key)[-1].content == "Then not."
    check_session(memory_store(system), key)


def test_turn_goes_on_waiting_when_another_call_is_open() -> None:
    """Now only for the client, which it is told."""
    system = memory_system(calls(wants("delete_file", path="a.py"), *reads("b.py")))
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)
    gated, plain = system.session(key).open_calls
    fake_clock(system).advance(300)

    deliver_expiry(system, key, approval_id_of(gated))

    session = system.session(key)
    assert (session.turn.status, session.open_calls) == (TurnStatus.WAITING_FOR_TOOLS, (plain,))
    assert system.facts(key)[-3:] == ["ApprovalExpired", "MessageAdded", "TurnWaiting"]


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_message_is_done_when_the_approval_was_decided(decision: str) -> None:
    """However late it comes, and however often."""
    system, key, approval_id = asked()
    decide_approval(system, key, approval_id, decision)
    before = system.facts(key)
    fake_clock(system).advance(301)

    for _ in range(2):
        assert deliver_expiry(system, key, approval_id) is Delivery.DONE

    assert system.facts(key) == before


def test_expiry_is_written_once_when_the_message_comes_twice() -> None:
    """The queue delivers at least once."""
    system, key, approval_id = asked()
    fake_clock(system).advance(300)

    for _ in range(3):
        assert deliver_expiry(system, key, approval_id) is Delivery.DONE

    assert system.facts(key).count("ApprovalExpired") == 1


def test_expiry_is_written_when_the_session_is_inactive() -> None:
    """Deactivation has cancelled what was asked, so there is nothing left to expire."""
    system, key, approval_id = asked()
    system.update(key, is_active=False)
    before = system.facts(key)
    fake_clock(system).advance(300)

    assert deliver_expiry(system, key, approval_id) is Delivery.DONE

    assert system.facts(key) == before
    assert approvals_of(system, key)[0].status == "cancelled"


@pytest.mark.parametrize("approval_id", ["a-1-0", "a-none", "a-9-99"])
def test_message_is_done_when_there_is_no_such_approval(approval_id: str) -> None:
    """A session made anew under the same id has not asked."""
    system, key, _ = asked()

    assert deliver_expiry(system, key, approval_id) is Delivery.DONE


def test_message_is_done_when_the_session_is_gone() -> None:
    """An erased session asks nobody."""
    assert deliver_expiry(memory_system(), make_key("missing"), "a-9-0") is Delivery.DONE


def test_message_is_done_when_the_session_goes_while_it_expires() -> None:
    """Also between the two reads."""
    system, key, approval_id = asked()
    fake_clock(system).advance(300)
    store = memory_store(system)
    load = store.load

    def load_once(*args: Any, **kwargs: Any) -> Any:
        found = load(*args, **kwargs)
        store.heads.pop(key)
        return found

    store.load = load_once  # type: ignore[method-assign]  # the second read must differ from the first

    assert deliver_expiry(system, key, approval_id) is Delivery.DONE


def test_message_comes_back_by_error_when_the_store_does_not_answer() -> None:
    """Nobody is told that it was done."""
    system, key, approval_id = asked()
    fake_clock(system).advance(300)

    def fail(_: Commit) -> None:
        raise StorageUnavailable

    memory_store(system).before_commit = fail

    with pytest.raises(StorageUnavailable):
        deliver_expiry(system, key, approval_id)


def test_decision_wins_when_it_is_committed_first() -> None:
    """Time was not over for the one who decided: the expiry finds it decided and leaves it so."""
    system, key, approval_id = asked()
    fake_clock(system).advance(299.999)
    decide_approval(system, key, approval_id, "approve")
    fake_clock(system).advance(0.001)

    assert deliver_expiry(system, key, approval_id) is Delivery.DONE

    assert approvals_of(system, key)[0].status == "approved"
    assert memory_store(system).calls[key, CallId(approval_id[2:])].status is CallStatus.APPROVED


def test_expiry_wins_when_it_overtakes_a_decision() -> None:
    """One winner: a decision that reads before and writes after is judged anew."""
    system, key, approval_id = asked()
    fake_clock(system).advance(299.999)
    store = memory_store(system)

    def overtake(_: Commit) -> None:
        store.before_commit = lambda _: None
        fake_clock(system).advance(0.001)
        deliver_expiry(system, key, approval_id)

    store.before_commit = overtake

    with pytest.raises(ApprovalExpired):
        decide_approval(system, key, approval_id, "approve")

    assert approvals_of(system, key)[0].status == "expired"
    assert system.facts(key).count("ApprovalGranted") == 0
