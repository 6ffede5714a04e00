"""Deciding what a person is asked: approve, edit, reject, and too late."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands.decide_approval import DecideApprovalCommand
from domain.model.approval import approval_id_of, arguments_hash
from domain.model.errors import ApprovalExpired, ApprovalRequired, InvalidInput, ToolCallClosed
from domain.model.events.approval import ApprovalEdited, ApprovalGranted, ApprovalRejected, ApprovalRequested
from domain.model.message import CallStatus, Role
from domain.model.session import TurnStatus
from domain.model.value import CallId, SessionKey
from tests.support.builders import calls, fake_clock, memory_store, reads, scripted_model, text, wants
from tests.support.deciding import approvals_of, decide_approval
from tests.support.invariants import check_session
from tests.support.system import ALICE, TRACE, System, memory_system

ASKED = {"path": "a.py", "content": "x = 1\n"}
MEANT = {"path": "b.py", "content": "x = 2\n"}


def asked(*requested: Any, agent: str = "coder", **fields: Any) -> tuple[System, SessionKey, tuple[CallId, ...]]:
    """Return a system whose session asks before it writes `a.py`, or before it runs `requested`; and its open calls."""
    system = memory_system(calls(*requested or (wants("write_file", **ASKED),)))
    key = system.create(agent=agent, **fields)
    system.say(key)
    system.work(key)
    return system, key, system.session(key).open_calls


def fact_of(system: System, key: SessionKey, kind: type) -> Any:
    """Return the one fact of a type in the log."""
    (found,) = [event for event in system.events(key) if isinstance(event.fact, kind)]
    return found


def test_question_says_what_is_decided_when_a_call_is_gated() -> None:
    """The call awaits, the session waits for a person, and the approval shows arguments, hash and end."""
    system, key, (call,) = asked()

    (approval,) = approvals_of(system, key)
    request = fact_of(system, key, ApprovalRequested).fact

    assert (approval.id, approval.call_id, approval.subject) == (f"a-{call}", call, "write_file")
    assert (approval.status, approval.arguments) == ("pending", ASKED)
    assert approval.arguments_sha256 == request.arguments_sha256 == arguments_hash(ASKED)
    assert (approval.expires_at - approval.created_at).total_seconds() == 300
    assert request.expires_at == approval.expires_at
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_APPROVAL
    assert system.messages(key)[1].tool_calls[0].status is CallStatus.AWAITING_APPROVAL
    with pytest.raises(ApprovalRequired):
        system.give(key, call, result="done already")


def test_result_is_taken_when_the_call_was_approved() -> None:
    """Who, when and what was shown are a fact; the client may run it, and the turn goes on with its result."""
    system, key, (call,) = asked()
    scripted_model(system).answers = [text("Written.")]
    fake_clock(system).advance(5)

    decided = decide_approval(system, key, f"a-{call}")
    granted = fact_of(system, key, ApprovalGranted)
    waiting = system.session(key)
    shown = system.messages(key)[1].tool_calls[0]
    system.give(key, call, result="ok")
    system.work(key)

    assert (decided.status, decided.decided_at, decided.modified_arguments) == ("approved", granted.occurred_at, None)
    assert (granted.fact.decided_by, granted.fact.arguments_sha256) == (ALICE, arguments_hash(ASKED))
    assert (waiting.turn.status, waiting.awaiting_approval) == (TurnStatus.WAITING_FOR_TOOLS, ())
    assert (shown.status, shown.arguments, shown.is_edited) == (CallStatus.APPROVED, ASKED, False)
    assert system.messages(key)[-1].content == "Written."
    check_session(memory_store(system), key)


def test_client_is_given_exactly_the_edited_arguments_and_the_model_sees_them() -> None:
    """Both sets are kept with their hashes; nothing of the model's own is left to be run."""
    system, key, (call,) = asked()
    scripted_model(system).answers = [text("I see.")]

    decided = decide_approval(system, key, f"a-{call}", "edit", modified_arguments=MEANT)
    edited = fact_of(system, key, ApprovalEdited).fact
    shown = system.messages(key)[1].tool_calls[0]
    system.give(key, call, result="ok")
    system.work(key)

    assert (decided.status, decided.arguments, decided.modified_arguments) == ("edited", ASKED, MEANT)
    assert (edited.arguments_sha256, edited.modified_sha256) == (arguments_hash(ASKED), arguments_hash(MEANT))
    assert (shown.status, shown.arguments, shown.is_edited) == (CallStatus.APPROVED, MEANT, True)
    *_, question, result = scripted_model(system).requests[-1].messages
    assert question.tool_calls[0].arguments == MEANT
    assert result.role is Role.TOOL
    assert "The user changed the arguments" in result.content
    assert '{"path":"b.py","content":"x = 2\\n"}' in result.content
    assert system.messages(key)[2].content == "ok"
    check_session(memory_store(system), key)


def test_edit_is_normalised_when_it_is_taken() -> None:
    """What holds for the model's arguments holds for a person's."""
    system, key, (call,) = asked()

    decided = decide_approval(system, key, f"a-{call}", "edit", modified_arguments=MEANT | {"path": "./src//b.py"})

    assert decided.modified_arguments == MEANT | {"path": "src/b.py"}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"path": "b.py"},
        MEANT | {"path": 7},
        MEANT | {"path": ""},
        MEANT | {"extra": 1},
        MEANT | {"path": "../b.py"},
        MEANT | {"path": "/etc/passwd"},
        MEANT | {"content": "x" * 100_001},
        MEANT | {"content": float("inf")},
        MEANT | {"content": "🦉" * 30_000},
    ],
    ids=["none", "half", "type", "empty", "unknown", "above", "absolute", "too long", "infinite", "too many bytes"],
)
def test_edit_is_refused_when_the_arguments_do_not_fit(arguments: dict[str, Any]) -> None:
    """Schema, path and size are the tool's; the approval is pending still, and can be decided."""
    system, key, (call,) = asked()
    before = system.facts(key)

    with pytest.raises(InvalidInput) as refused:
        decide_approval(system, key, f"a-{call}", "edit", modified_arguments=arguments)

    assert [error.field for error in refused.value.errors] == ["modified_arguments"]
    assert system.facts(key) == before
    assert decide_approval(system, key, f"a-{call}").status == "approved"


def test_edit_is_refused_when_the_agent_may_not_write_there() -> None:
    """The rule on paths is the agent's: a person does not lead it out of its own."""
    note = {"path": "a.md", "content": "# A\n"}
    system, key, (call,) = asked(wants("write_file", **note), agent="architect")

    with pytest.raises(InvalidInput):
        decide_approval(system, key, f"a-{call}", "edit", modified_arguments=note | {"path": "a.py"})

    decided = decide_approval(system, key, f"a-{call}", "edit", modified_arguments=note | {"path": "docs/b.md"})
    assert decided.status == "edited"


def test_edit_fits_the_clients_own_schema_when_the_tool_is_the_clients() -> None:
    """A custom tool is gated by default, and edited within what it declares."""
    parameters = {"type": "object", "properties": {"branch": {"type": "string"}}, "required": ["branch"]}
    tool = {"name": "deploy", "description": "Deploy.", "parameters": parameters, "agents": ["coder"]}
    system, key, (call,) = asked(wants("deploy", branch="main"), tools=[tool])

    with pytest.raises(InvalidInput):
        decide_approval(system, key, f"a-{call}", "edit", modified_arguments={"branch": 7})

    decided = decide_approval(system, key, f"a-{call}", "edit", modified_arguments={"branch": "next"})
    assert decided.modified_arguments == {"branch": "next"}
    assert system.messages(key)[1].tool_calls[0].arguments == {"branch": "next"}


def test_edit_is_refused_when_a_tool_is_given_words_only() -> None:
    """Feedback says what shall be different, and nobody makes it so."""
    system, key, (call,) = asked()

    with pytest.raises(InvalidInput):
        decide_approval(system, key, f"a-{call}", "edit", feedback="another name")


@pytest.mark.parametrize("feedback", [None, "Not that file."])
def test_model_reads_why_when_the_call_was_rejected(feedback: str | None) -> None:
    """The call is closed without being run, the log has the person's words, and the turn goes on."""
    system, key, (call,) = asked()
    scripted_model(system).answers = [text("Another way then.")]

    decided = decide_approval(system, key, f"a-{call}", "reject", feedback=feedback)
    rejected = fact_of(system, key, ApprovalRejected)
    with pytest.raises(ToolCallClosed):
        system.give(key, call, result="ran it anyway")
    system.work(key)

    assert (decided.status, decided.feedback) == ("rejected", feedback)
    assert (rejected.fact.decided_by, rejected.note) == (ALICE, feedback)
    result = scripted_model(system).requests[-1].messages[-1]
    assert result.outcome is CallStatus.REJECTED
    assert result.content == f"Rejected by the user, not run{f': {feedback}' if feedback else '.'}"
    assert system.messages(key)[-1].content == "Another way then."
    check_session(memory_store(system), key)


@pytest.mark.parametrize(("decision", "fields"), [("approve", {}), ("edit", {"modified_arguments": MEANT})])
def test_words_are_kept_when_a_yes_comes_with_them(decision: str, fields: dict[str, Any]) -> None:
    """Whatever a person says is stored with what they decided, outside of facts."""
    system, key, (call,) = asked()

    decided = decide_approval(system, key, f"a-{call}", decision, feedback="Go on.", **fields)

    assert decided.feedback == approvals_of(system, key)[0].feedback == "Go on."
    assert [event.note for event in system.events(key) if event.note] == ["Go on."]


@pytest.mark.parametrize("decision", ["approve", "edit", "reject"])
def test_decision_counts_when_it_comes_one_millisecond_before_the_end(decision: str) -> None:
    """Up to its second, time is the person's."""
    system, key, (call,) = asked()
    fake_clock(system).advance(299.999)
    fields = {"modified_arguments": MEANT} if decision == "edit" else {}

    assert decide_approval(system, key, f"a-{call}", decision, **fields).decided_at is not None
    assert "ApprovalExpired" not in system.facts(key)


@pytest.mark.parametrize("decision", ["approve", "edit", "reject"])
@pytest.mark.parametrize("late", [0.0, 0.001, 86_400.0])
def test_decision_writes_the_expiry_when_it_comes_too_late(decision: str, late: float) -> None:
    """At its second nobody has approved it: the refusal says so, and what time has decided is written down."""
    system, key, (call,) = asked()
    fake_clock(system).advance(300 + late)
    fields = {"modified_arguments": MEANT} if decision == "edit" else {}

    for _ in range(2):
        with pytest.raises(ApprovalExpired):
            decide_approval(system, key, f"a-{call}", decision, **fields)

    assert system.facts(key)[-3:] == ["ApprovalExpired", "MessageAdded", "TurnRequested"]
    assert system.messages(key)[-1].outcome is CallStatus.EXPIRED
    assert approvals_of(system, key)[0].status == "expired"
    with pytest.raises(ToolCallClosed):
        system.give(key, call, result="late")
    check_session(memory_store(system), key)


def test_calls_are_independent_when_only_some_are_gated() -> None:
    """One runs, one is edited, one rejected; a person is waited for as long as one is undecided, then the client."""
    system, key, (plain, first, second, third) = asked(
        *reads("a.py"), wants("delete_file", path="a.py"), wants("write_file", **ASKED), wants("delete_file", path="b")
    )
    waits: list[TurnStatus] = []

    def note_wait() -> None:
        waits.append(system.session(key).turn.status)

    system.give(key, plain, result="text")
    note_wait()
    decide_approval(system, key, approval_id_of(first), "reject")
    note_wait()
    decide_approval(system, key, approval_id_of(second), "edit", modified_arguments=MEANT)
    note_wait()
    with pytest.raises(ApprovalRequired):
        system.give(key, third, result="x")
    system.give(key, second, result="ok")
    note_wait()
    decide_approval(system, key, approval_id_of(third))
    note_wait()
    system.give(key, third, error="no such file")
    note_wait()

    assert waits == [*[TurnStatus.WAITING_FOR_APPROVAL] * 4, TurnStatus.WAITING_FOR_TOOLS, TurnStatus.RUNNING]
    assert [call.status for call in system.messages(key)[1].tool_calls] == ["done", "rejected", "done", "failed"]
    assert system.facts(key).count("TurnRequested") == 2
    check_session(memory_store(system), key)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"decision": None},
        {"decision": "maybe"},
        {"decision": "edit"},
        {"decision": "approve", "modified_arguments": {}},
        {"decision": "reject", "modified_arguments": MEANT},
        {"decision": "edit", "modified_arguments": []},
        {"decision": "edit", "feedback": ""},
        {"decision": "reject", "feedback": "x" * 2001},
        {"decision": "reject", "feedback": "\ud800"},
        {"decision": "approve", "approval_id": ""},
        {"decision": "approve", "approval_id": "x" * 65},
        {"decision": "approve", "by": "me"},
    ],
)
def test_command_is_refused_when_its_fields_do_not_fit(fields: dict[str, Any]) -> None:
    """One decision, with what belongs to it."""
    with pytest.raises(ValidationError):
        DecideApprovalCommand.model_validate(
            {"user": ALICE, "trace": TRACE, "session_id": "s1", "approval_id": "a-9-0"} | fields
        )
