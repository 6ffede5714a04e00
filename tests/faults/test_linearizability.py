"""The checker of histories: it takes what one session could have told, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.histories import NEVER, Committed, Operation
from tests.support.linearizability import NotLinearizable, check_history
from tests.support.session_facts import after_commit
from tests.support.session_state import Json, Plan, State, Subtask

SESSION: Json = {"is_active": True, "queued": 0, "current_agent": "coder"}


def done(op_id: str, name: str, at: tuple[float, float], answer: Json | None = None, **rest: Any) -> Operation:
    """Return an operation; `at` says when it was called and when it returned."""
    told = {"key": None, "fields": {}} | rest
    return Operation(id=op_id, name=name, invoked=at[0], returned=at[1], answer=answer, **told)


def commit(writer: str | None, *events: Json, after: int) -> Committed:
    """Return a commit of `events`, numbered behind `after`."""
    defaults = {"turn": 1, "data": {}}
    return Committed(writer, [defaults | event | {"seq": after + place} for place, event in enumerate(events, 1)])


def said(turn: int, content: str) -> Json:
    """Return the fact of a user message."""
    return {"type": "MessageAdded", "turn": turn, "message": {"role": "user", "content": content, "turn": turn}}


def told_message(seq: int, turn: int, content: str) -> Json:
    """Return the answer to a user message."""
    return {"seq": seq, "turn": turn, "role": "user", "content": content}


def told_session(last_seq: int, **changes: Any) -> Json:
    """Return the answer to a look at the session behind fact `last_seq`."""
    status = {2: "idle", 4: "running", 6: "running", 9: "waiting_for_approval"}[last_seq]
    turn = {"number": int(last_seq > 2), "status": status}
    count = {2: 0, 4: 1, 6: 2, 9: 2}[last_seq]
    title = {"title": "one"} if last_seq > 2 else {}
    return SESSION | {"turn": turn, "last_seq": last_seq, "message_count": count} | title | changes


REQUESTED: Json = {"type": "TurnRequested", "data": {"turn": 1, "reason": "message"}}
CREATED = commit(
    "a.0", {"type": "SessionCreated", "turn": 0}, {"type": "AgentAssigned", "data": {"agent": "coder"}}, after=0
)
FIRST = commit("a.1", said(1, "one"), REQUESTED, after=2)
ASKED = commit(
    None,
    {"type": "MessageAdded", "message": {"role": "assistant", "content": "May I?", "turn": 1}},
    {"type": "ToolCallRequested", "data": {"call_id": "8-0"}},
    {"type": "ApprovalRequested", "data": {"call_id": "8-0", "approval_id": "a-8-0"}},
    {"type": "TurnWaiting", "data": {"status": "waiting_for_approval"}},
    after=4,
)
LEAVE: Json = {"type": "ApprovalGranted", "data": {"call_id": "8-0", "approval_id": "a-8-0"}}
GRANTED = commit("b.1", LEAVE, after=8)
LOG = [CREATED, FIRST, ASKED, GRANTED]
APPROVE: Json = {"approval_id": "a-8-0", "decision": "approve"}
APPROVED: Json = {"id": "a-8-0", "status": "approved"}
STORY = [
    done("a.0", "create_session", (0, 1), told_session(2), fields={"agent": "coder"}),
    done("a.1", "add_message", (2, 4), told_message(3, 1, "one"), fields={"content": "one"}, key="k"),
    done("b.0", "get_session", (3, 5), told_session(2)),
    done("a.2", "add_message", (6, 7), told_message(3, 1, "one"), fields={"content": "one"}, key="k", is_replayed=True),
    done("b.1", "decide_approval", (8, 11), APPROVED, fields=APPROVE),
    done("c.0", "decide_approval", (9, 12), code="APPROVAL_ALREADY_DECIDED", fields=APPROVE),
    done("d.0", "list_approvals", (10, 12), {"items": [{"id": "a-8-0", "status": "pending"}]}),
]


def changed(op_id: str, **fields: Any) -> list[Operation]:
    """Return the story with one operation told differently."""
    return [replace(each, **fields) if each.id == op_id else each for each in STORY]


def behind(*more: Operation) -> list[Operation]:
    """Return the story with operations that come later."""
    return [*STORY, *more]


def test_history_is_taken_when_one_session_could_have_told_it() -> None:
    """A look that overlaps a write may miss it, a repeat is told the same, the slower decision is refused."""
    states = check_history(STORY, LOG)

    assert [state.status for state in states] == ["idle", "idle", "running", *["waiting_for_approval"] * 2]


def test_history_is_taken_when_nobody_knows_what_became_of_an_operation() -> None:
    """Its place is where the log has it, and nowhere when the log has it not."""
    unknown = done("e.0", "cancel_turn", (5, NEVER))

    check_history([*changed("b.1", returned=NEVER, answer=None), unknown], LOG)


WRONG: dict[str, tuple[list[Operation], list[Committed], str]] = {
    "stale read": (behind(done("e.0", "get_session", (20, 21), told_session(2))), LOG, "nothing explains"),
    "read of the future": (changed("b.0", answer=told_session(4), invoked=1.2, returned=1.8), LOG, "had seen commit 2"),
    "reads that go back": (
        behind(
            done("e.0", "list_approvals", (8.1, 8.2), {"items": [{"id": "a-8-0", "status": "approved"}]}),
            done("e.1", "list_approvals", (8.3, 8.4), {"items": [{"id": "a-8-0", "status": "pending"}]}),
        ),
        LOG,
        "nothing explains",
    ),
    "lost update": (behind(done("e.0", "cancel_turn", (20, 21), told_session(9))), LOG, "nothing explains"),
    "lost message": (STORY, [CREATED], "nothing explains"),
    "two winners": (changed("c.0", code=None, answer=APPROVED), LOG, "nothing explains"),
    "two winners who both wrote": (
        changed("c.0", code=None, answer=APPROVED),
        [*LOG, commit("c.0", LEAVE, after=9)],
        "APPROVAL_ALREADY_DECIDED was due",
    ),
    "doubled message": (STORY, [*LOG, commit("a.1", said(2, "one"), REQUESTED, after=9)], "carried out twice"),
    "doubled by a repeat": (
        changed("a.2", is_replayed=False, answer=told_message(10, 2, "one")),
        [*LOG, commit("a.2", said(2, "one"), REQUESTED, after=9)],
        "though its key was used",
    ),
    "order of the log against the clock": (
        behind(
            done(
                "e.0",
                "update_session",
                (1.1, 1.2),
                told_session(9) | {"last_seq": 10, "title": "new"},
                fields={"title": "new"},
            )
        ),
        [*LOG, commit("e.0", {"type": "SessionUpdated"}, after=9)],
        "had seen commit 5",
    ),
    "write in the past": (changed("a.1", invoked=8.5, returned=8.6), LOG, "had seen commit 2"),
    "answer of another place": (changed("a.1", answer=told_message(5, 1, "one")), LOG, "due to be told"),
    "repeat told otherwise": (changed("a.2", answer=told_message(3, 2, "one")), LOG, "nothing explains"),
    "repeat with another body": (changed("a.2", fields={"content": "two"}), LOG, "nothing explains"),
    "key refused for the same body": (
        changed("a.2", answer=None, is_replayed=False, code="IDEMPOTENCY_KEY_REUSED"),
        LOG,
        "nothing explains",
    ),
    "refusal without reason": (changed("c.0", code="SESSION_INACTIVE"), LOG, "nothing explains"),
    "busy too early": (changed("c.0", code="SESSION_BUSY"), LOG, "nothing explains"),
    "answer in a turn that is over": (
        STORY,
        [
            *LOG[:2],
            commit(None, {"type": "TurnCompleted", "data": {"turn": 1}}, after=4),
            commit(None, REQUESTED, after=5),
        ],
        "nothing was owed",
    ),
    "gap in the log": (STORY, [CREATED, commit("a.1", said(1, "one"), REQUESTED, after=3)], "number 4 behind 2"),
    "two turns of one number": (STORY, [*LOG[:2], commit("a.1", said(1, "one"), after=4)], "carried out twice"),
}


@pytest.mark.parametrize("wrong", list(WRONG))
def test_history_is_refused_when_no_session_could_have_told_it(wrong: str) -> None:
    """Each is the story above with one thing changed."""
    operations, log, says = WRONG[wrong]

    with pytest.raises(NotLinearizable, match=says):
        check_history(operations, log)


@pytest.mark.parametrize(("skipped", "status"), [("1", "in_progress"), ("2", "failed")])
def test_plan_goes_on_when_the_subtask_that_stopped_it_is_skipped_and_no_other(skipped: str, status: str) -> None:
    """Found by a race: the model let any skipped subtask set a failed plan going."""
    subtasks = {"1": Subtask(status="failed"), "2": Subtask(), "3": Subtask()}
    failed = State(exists=True, plan=Plan("p", "8-0", "failed", subtasks))

    after = after_commit(failed, [{"type": "SubtaskSkipped", "seq": 1, "turn": 1, "data": {"subtask_id": skipped}}])

    assert after.planned.status == status
