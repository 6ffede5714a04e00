"""A commit in the making."""

from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus
from domain.model.change import Call, CallClosing, CallGrant
from domain.model.draft import Draft, compose
from domain.model.events.message import MessageAdded
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnCancelled
from domain.model.message import BEGINNING_CHARACTERS, INLINE_BYTES, CallStatus, Role, Usage
from domain.model.session import TurnStatus
from domain.model.value import CallId
from tests.support.builders import (
    make_draft,
    make_running,
    make_session,
    make_tool_call,
    make_trace,
    make_waiting,
)
from tests.support.entities import make_approval
from tests.support.fakes import START


def test_record_numbers_facts_without_a_gap_when_several_are_recorded() -> None:
    """Each fact gets the next number, and the session remembers the last."""
    draft = make_draft(make_running())

    for _ in range(3):
        draft.record(TurnCancelled(turn=1))

    assert [event.seq for event in draft.commit().events] == [11, 12, 13]
    assert draft.session.last_seq == 13


def test_record_takes_the_sessions_turn_when_no_other_is_named() -> None:
    """A fact belongs to the turn in progress, a queued message's to its own."""
    draft = make_draft(make_running(4))

    draft.record(TurnCancelled(turn=4))
    draft.record(TurnCancelled(turn=9), turn=9)

    assert [event.turn for event in draft.commit().events] == [4, 9]


def test_events_share_time_trace_and_session_when_they_are_committed_together() -> None:
    """One commit has one time and one cause."""
    at = START + timedelta(minutes=1)
    session = make_running()
    draft = Draft(session, at, make_trace("request", "cause:1"))

    draft.record(TurnCancelled(turn=1))

    event = draft.commit().events[0]
    assert (event.occurred_at, event.trace, event.key, event.incarnation) == (
        at,
        make_trace("request", "cause:1"),
        session.key,
        session.incarnation,
    )


@pytest.mark.parametrize("content", ["", "hello", "привет", "🦉" * 100])
def test_add_message_tells_size_and_hash_when_it_is_recorded(content: str) -> None:
    """The fact measures the content in UTF-8 and says nothing of it."""
    draft = make_draft()

    message = draft.add_message(Role.USER, content, turn=1)

    encoded = content.encode()
    event = draft.commit().events[0]
    assert event.fact == MessageAdded(role=Role.USER, size=len(encoded), sha256=sha256(encoded).hexdigest())
    assert event.message == message
    assert (message.seq, message.turn, message.content, message.created_at) == (3, 1, content, START)
    assert draft.session.message_count == 1


def test_add_message_keeps_every_part_when_an_answer_has_them() -> None:
    """Agent, calls and usage of an assistant message; call and outcome of a tool message."""
    draft = make_draft(make_running())
    call, usage = make_tool_call(), Usage(input_tokens=5, output_tokens=2)

    answer = draft.add_message(Role.ASSISTANT, "x", agent=AgentType.ASK, tool_calls=(call,), usage=usage)
    result = draft.add_message(Role.TOOL, "y", tool_call_id=CallId("9-0"), outcome=CallStatus.DONE)

    assert (answer.agent, answer.tool_calls, answer.usage) == (AgentType.ASK, (call,), usage)
    assert (result.tool_call_id, result.outcome) == ("9-0", CallStatus.DONE)
    fact = draft.commit().events[0].fact
    assert isinstance(fact, MessageAdded)
    assert (fact.calls, fact.agent) == (1, AgentType.ASK)


@pytest.mark.parametrize(
    ("content", "is_stored_apart"),
    [
        ("x" * (INLINE_BYTES - 2), False),
        ("x" * (INLINE_BYTES - 1), True),
        ('"' * (INLINE_BYTES // 2 - 1), False),
        ('"' * (INLINE_BYTES // 2), True),
    ],
    ids=["fits", "over", "fits escaped", "over escaped"],
)
def test_content_is_stored_apart_when_its_json_is_too_large_for_the_log(content: str, *, is_stored_apart: bool) -> None:
    """What counts is the size in the log, quotes and escapes included."""
    message = make_draft().add_message(Role.USER, content, turn=1)

    assert (message.stored_sha256 == sha256(content.encode()).hexdigest()) is is_stored_apart
    assert len(message.beginning) == (BEGINNING_CHARACTERS if is_stored_apart else len(content))


def test_calls_are_remembered_when_they_open_and_forgotten_when_they_close() -> None:
    """The session lists what the client owes, and the commit says what began and what ended."""
    draft = make_draft(make_waiting("9-0", "9-1"))
    third = make_tool_call("12-0", tool="list_files", status=CallStatus.PENDING)

    draft.open_call(third)
    draft.close_call(CallId("9-0"), CallStatus.DONE)

    assert draft.session.open_calls == ("9-1", "12-0")
    commit = draft.commit()
    assert commit.opened == (Call(call_id=third.call_id, tool="list_files", turn=1, status=CallStatus.PENDING),)
    assert commit.closed == (CallClosing(call_id=CallId("9-0"), status=CallStatus.DONE),)


def test_call_awaits_its_approval_until_it_is_granted() -> None:
    """Granting leaves it open to the client, with what is to be run instead; both are parts of the commit."""
    draft = make_draft(make_waiting("9-0"))
    gated = make_tool_call("12-0", tool="write_file", status=CallStatus.AWAITING_APPROVAL)
    approval = make_approval("12-0")

    draft.open_call(gated, approval)
    awaiting = draft.session.awaiting_approval
    draft.grant_call(CallId("12-0"), {"path": "b.py"})
    draft.decide_approval(CallId("12-0"), ApprovalStatus.EDITED, feedback="So.", modified_arguments={"path": "b.py"})

    assert (awaiting, draft.session.awaiting_approval) == (("12-0",), ())
    assert draft.session.open_calls == ("9-0", "12-0")
    commit = draft.commit()
    assert commit.requested == (approval,)
    assert commit.granted == (CallGrant(call_id=CallId("12-0"), edited={"path": "b.py"}),)
    assert [(decision.call_id, decision.status, decision.at) for decision in commit.decided] == [
        ("12-0", ApprovalStatus.EDITED, START)
    ]


def test_call_awaits_nothing_when_it_is_closed() -> None:
    """A call that has ended needs nobody's leave."""
    draft = make_draft(make_waiting("9-0", "9-1").model_copy(update={"awaiting_approval": ("9-0", "9-1")}))

    draft.close_call(CallId("9-0"), CallStatus.REJECTED)

    assert (draft.session.open_calls, draft.session.awaiting_approval) == (("9-1",), ("9-1",))


def test_decision_is_shown_on_the_approval_it_is_about() -> None:
    """Before it is stored, and on no other."""
    draft = make_draft()
    mine, other = make_approval("9-0"), make_approval("9-1")

    draft.decide_approval(mine.call_id, ApprovalStatus.REJECTED, feedback="No.")

    after = draft.decision_on(mine)
    assert (after.status, after.decided_at, after.feedback) == (ApprovalStatus.REJECTED, START, "No.")
    assert after.arguments == mine.arguments
    assert draft.decision_on(other) == other


def test_commit_creates_when_the_session_has_no_facts_yet() -> None:
    """A first commit expects nothing, every later one expects what was read."""
    fresh, known = make_session(last_seq=0), make_session()

    drafts = [make_draft(fresh), make_draft(known)]
    for draft in drafts:
        draft.record(SessionCreated(has_title=False))

    assert [draft.commit().before for draft in drafts] == [None, known]


@pytest.mark.parametrize(
    ("status", "fence", "releases"),
    [
        (TurnStatus.RUNNING, 5, False),
        (TurnStatus.IDLE, 5, True),
        (TurnStatus.WAITING_FOR_TOOLS, 5, True),
        (TurnStatus.FAILED, 5, True),
        (TurnStatus.IDLE, None, False),
    ],
)
def test_commit_gives_the_session_back_when_nothing_is_owed(
    status: TurnStatus, fence: int | None, *, releases: bool
) -> None:
    """A worker keeps the lock as long as a turn is owed; a client has none to give back."""
    draft = make_draft(make_running())

    draft.change_turn(status=status)

    commit = draft.commit(fence=fence)
    assert (commit.fence, commit.releases_lock, commit.breaks_lock) == (fence, releases, False)


def test_commit_gives_the_session_back_when_a_worker_hands_over() -> None:
    """Handing over releases although a turn is owed."""
    draft = make_draft(make_running())

    draft.hand_over()

    assert draft.commit(fence=5).releases_lock


def test_commit_breaks_the_lock_when_told_to() -> None:
    """The wish to shut a worker out is part of the write."""
    draft = make_draft(make_running())

    draft.break_lock()

    assert draft.commit().breaks_lock


@given(facts=st.integers(0, 5), calls=st.integers(1, 16), last_seq=st.integers(2, 10_000))
def test_compose_names_calls_after_the_last_fact_when_it_has_counted_them(
    facts: int, calls: int, last_seq: int
) -> None:
    """Ids are `<last number of the commit>-<place>`, so that a call lies beside its commit, and are unique."""

    def decide(draft: Draft) -> None:
        for index in range(calls):
            draft.open_call(make_tool_call(draft.call_id(index)))
        for _ in range(facts + 1):
            draft.record(TurnCancelled(turn=1))

    draft = compose(make_running().model_copy(update={"last_seq": last_seq}), START, make_trace(), decide)

    commit = draft.commit()
    assert [call.call_id for call in commit.opened] == [f"{commit.events[-1].seq}-{i}" for i in range(calls)]
    assert len(commit.events) == facts + 1
    assert draft.last_seq == draft.session.last_seq == last_seq + facts + 1
