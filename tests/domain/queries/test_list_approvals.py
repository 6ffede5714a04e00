"""Reading what people were and are asked."""

import json
from datetime import timedelta
from typing import Any

import pytest

from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import SessionNotFound
from domain.model.value import SessionKey, json_bytes
from domain.queries.list_approvals import MOST, MOST_BYTES
from tests.support.builders import calls, fake_clock, make_key, memory_store, wants
from tests.support.deciding import approvals_of, decide_approval
from tests.support.entities import make_approval
from tests.support.fakes import START
from tests.support.system import BOB, System, memory_system


def stored(*approvals: Approval) -> tuple[System, SessionKey]:
    """Return a system whose session has these approvals."""
    system = memory_system()
    key = system.create()
    memory_store(system).approvals |= {(key, approval.call_id): approval for approval in approvals}
    return system, key


def large(number: int, size: int, **fields: Any) -> Approval:
    """Return a decided approval that shows so many bytes."""
    frame = json_bytes({"content": ""}) + json_bytes(None)
    status = {"status": ApprovalStatus.APPROVED, "arguments": {"content": "x" * (size - frame)}}
    return make_approval(f"{number}-0", **status | fields)


def test_approvals_are_listed_oldest_first_when_there_are_several() -> None:
    """As they stand now, whole."""
    system = memory_system(calls(wants("delete_file", path="a.py"), wants("delete_file", path="b.py")))
    key = system.create(agent="coder")
    system.say(key)
    system.work(key)
    first, second = system.session(key).open_calls
    decide_approval(system, key, f"a-{second}", "edit", modified_arguments={"path": "c.py"})

    listed = approvals_of(system, key)

    assert [(item.id, item.status) for item in listed] == [(f"a-{first}", "pending"), (f"a-{second}", "edited")]
    assert [item.arguments["path"] for item in listed] == ["a.py", "b.py"]
    assert [item.modified_arguments for item in listed] == [None, {"path": "c.py"}]
    assert {item.created_at for item in listed} == {START}


def test_list_is_empty_when_nobody_was_asked() -> None:
    """A session without approvals is there all the same."""
    assert approvals_of(*stored()) == ()


@pytest.mark.parametrize("other", [make_key("missing"), make_key("s1", BOB)])
def test_list_is_refused_when_the_session_is_not_mine(other: SessionKey) -> None:
    """A session of somebody else does not exist."""
    system, _ = stored(make_approval())

    with pytest.raises(SessionNotFound):
        approvals_of(system, other)


@pytest.mark.parametrize("status", ApprovalStatus)
def test_list_holds_one_status_when_one_is_asked_for(status: ApprovalStatus) -> None:
    """All without."""
    every = [make_approval(f"{number}-0", status=stands) for number, stands in enumerate(ApprovalStatus, start=1)]
    system, key = stored(*every)

    assert [item.status for item in approvals_of(system, key, status=status)] == [status]
    assert len(approvals_of(system, key)) == len(ApprovalStatus)


def test_approval_is_told_as_expired_when_its_time_is_over_though_nobody_wrote_it() -> None:
    """The clock decides, not the queue; to the millisecond."""
    system, key = stored(make_approval(expires_at=START + timedelta(seconds=300)))
    clock = fake_clock(system)

    clock.advance(299.999)
    before = approvals_of(system, key, status="pending")
    clock.advance(0.001)

    assert [item.status for item in before] == ["pending"]
    assert approvals_of(system, key, status="pending") == ()
    assert [item.decided_at for item in approvals_of(system, key, status="expired")] == [None]


def test_list_ends_when_there_are_more_than_it_holds() -> None:
    """The newest are told."""
    system, key = stored(*(make_approval(f"{number}-0") for number in range(1, MOST + 3)))

    assert [item.call_id for item in approvals_of(system, key)] == [f"{number}-0" for number in range(3, MOST + 3)]


def test_list_ends_when_it_shows_as_much_as_an_answer_takes() -> None:
    """Exactly as much is whole; one byte more leaves the oldest out, and all before it, however small."""
    third = MOST_BYTES // 3
    fitting = [large(number, third) for number in (2, 3, 4)]
    system, key = stored(make_approval("1-0", status=ApprovalStatus.REJECTED), *fitting)
    over, other = stored(make_approval("1-0", status=ApprovalStatus.REJECTED), large(2, third + 1), *fitting[1:])

    assert [item.call_id for item in approvals_of(system, key)] == ["2-0", "3-0", "4-0"]
    assert [item.call_id for item in approvals_of(over, other)] == ["3-0", "4-0"]


def test_edits_count_when_the_list_is_measured() -> None:
    """They are shown beside what the model wanted."""
    edit = {"status": ApprovalStatus.EDITED, "modified_arguments": {"content": "y" * MOST_BYTES}}
    system, key = stored(large(1, 100), large(2, 100, **edit))

    assert approvals_of(system, key) == ()


def test_pending_ones_are_listed_when_nothing_else_fits() -> None:
    """Whoever must decide sees what about."""
    pending = large(1, 100_000, status=ApprovalStatus.PENDING)
    system, key = stored(pending, large(2, MOST_BYTES + 1))

    assert [item.call_id for item in approvals_of(system, key)] == ["1-0"]


@pytest.mark.parametrize("character", ["x", '"', "\\", "я", "🦉", "\0"])
def test_answer_fits_lambda_when_the_list_is_as_long_as_it_gets(character: str) -> None:
    """Whatever the arguments are written in, the body as Lambda sends it stays under 6 MB."""
    size = 100_000 // (json_bytes(character) - 2)
    every = [
        make_approval(f"{number}-0", status=ApprovalStatus.APPROVED, arguments={"content": character * size})
        for number in range(MOST)
    ]
    system, key = stored(*every)

    body = json.dumps([item.model_dump(mode="json") for item in approvals_of(system, key)], ensure_ascii=False)

    assert 14 <= len(json.loads(body)) <= 15
    assert len(json.dumps(body)) < 6 * 1024 * 1024
