"""POST /sessions/{session_id}/approvals/{approval_id}."""

from typing import Any

import pytest

from domain.model.value import CallId, SessionKey
from tests.support.asking import ARGUMENTS
from tests.support.builders import fake_clock, make_key
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.samples import fact_sample, sample_key
from tests.support.system import BOB, System

MEANT = ARGUMENTS | {"path": "other.md"}


def approval_path(approval_id: str) -> dict[str, str]:
    """Return the path of an approval of the samples' session."""
    return {"session_id": sample_key().session_id, "approval_id": approval_id}


def test_decide_approval_answers_200_when_sample_is_sent(
    edge: Edge, system: System, session: SessionKey, asked: CallId
) -> None:
    """The sample approves, and the answer is the contract's Approval."""
    response = edge.call("decide_approval")

    assert response.status == 200
    assert response.json == {
        "id": f"a-{asked}",
        "request_type": "tool",
        "subject": "write_file",
        "arguments": ARGUMENTS,
        "arguments_sha256": response.json["arguments_sha256"],
        "call_id": asked,
        "status": "approved",
        "created_at": "2026-01-01T12:00:00Z",
        "expires_at": "2026-01-01T12:05:00Z",
        "decided_at": "2026-01-01T12:00:00Z",
    }
    assert edge.call("list_approvals").json["items"] == [response.json]
    assert edge.call("get_session").json["turn"]["status"] == "waiting_for_tools"
    assert system.facts(session)[-2:] == ["ApprovalGranted", "TurnWaiting"]


@pytest.mark.usefixtures("asked")
def test_decide_approval_tells_both_when_the_arguments_were_edited(edge: Edge) -> None:
    """What was shown, and what is to be run, which is what the messages show from then on."""
    response = edge.call("decide_approval", {"decision": "edit", "modified_arguments": MEANT})

    assert (response.status, response.json["status"]) == (200, "edited")
    assert (response.json["arguments"], response.json["modified_arguments"]) == (ARGUMENTS, MEANT)


@pytest.mark.usefixtures("asked")
def test_decide_approval_tells_the_words_when_it_was_rejected(edge: Edge) -> None:
    """As they were said."""
    response = edge.call("decide_approval", {"decision": "reject", "feedback": "Nicht so — 🦉"})

    assert (response.json["status"], response.json["feedback"]) == ("rejected", "Nicht so — 🦉")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "decision"),
        ({"decision": "yes"}, "decision"),
        ({"decision": None}, "decision"),
        ({"decision": "edit"}, "body"),
        ({"decision": "approve", "modified_arguments": MEANT}, "body"),
        ({"decision": "edit", "modified_arguments": []}, "modified_arguments"),
        ({"decision": "edit", "modified_arguments": {"path": "../x"}}, "modified_arguments"),
        ({"decision": "edit", "modified_arguments": {"path": "x.md"}}, "modified_arguments"),
        ({"decision": "edit", "feedback": "Another name."}, "modified_arguments"),
        ({"decision": "reject", "feedback": ""}, "feedback"),
        ({"decision": "reject", "feedback": "x" * 2001}, "feedback"),
        ({"decision": "approve", "approval_id": "a-1-0"}, "approval_id"),
        ({"decision": "approve", "reason": "x"}, "reason"),
    ],
)
def test_decide_approval_answers_422_when_a_field_does_not_fit(edge: Edge, body: dict[str, Any], field: str) -> None:
    """The answer names the wrong one, and nothing was decided."""
    response = edge.call("decide_approval", body)

    assert (response.status, response.wrong_fields) == (422, [field])
    assert edge.call("list_approvals").json["items"][0]["status"] == "pending"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("number", ["1e999", "-1e999", "[[1e400]]"])
def test_decide_approval_answers_422_when_a_number_is_too_large(edge: Edge, number: str) -> None:
    """A number that only infinity could stand for is refused, also deep inside."""
    body = f'{{"decision": "edit", "modified_arguments": {{"path": "a.md", "content": {number}}}}}'

    response = edge.call("decide_approval", body=body)

    assert (response.status, response.wrong_fields) == (422, ["modified_arguments"])


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("session_id", IDS)
def test_decide_approval_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("decide_approval", path=approval_path("a-12-0") | {"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    "approval_id", ["12-0", "a-12-1", "a-012-0", "a-12-00", "a-\u0661\u0662-0", "a-12-0\n", "x" * 64]
)
def test_decide_approval_answers_404_when_there_is_no_such_approval(edge: Edge, approval_id: str) -> None:
    """Only the id that was given names it."""
    response = edge.call("decide_approval", path=approval_path(approval_id))

    assert (response.status, response.code) == (404, "APPROVAL_NOT_FOUND")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("approval_id", ["", "x" * 65])
def test_decide_approval_answers_422_when_the_approval_id_does_not_fit(edge: Edge, approval_id: str) -> None:
    """An approval id is text of 1 to 64 characters."""
    response = edge.call("decide_approval", path=approval_path(approval_id))

    assert (response.status, response.wrong_fields) == (422, ["approval_id"])


def test_decide_approval_answers_404_for_the_session_when_it_is_not_there(edge: Edge) -> None:
    """The session comes before the approval."""
    response = edge.call("decide_approval")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


def test_decide_approval_answers_404_in_the_same_words_when_it_is_somebody_elses(edge: Edge, system: System) -> None:
    """Another user's session does not exist."""
    missing = edge.call("decide_approval").json
    system.create(sample_key().session_id, make_key(user=BOB).user)

    assert edge.call("decide_approval").json == missing


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        ({"decision": "no"}, "k", (422, "VALIDATION_ERROR")),
        ({"decision": "reject"}, "k", (422, "IDEMPOTENCY_KEY_REUSED")),
        ({"decision": "approve"}, "k", (200, None)),
        ({"decision": "approve"}, "other", (409, "SESSION_INACTIVE")),
        ({"decision": "edit", "modified_arguments": {}}, None, (409, "SESSION_INACTIVE")),
    ],
)
def test_errors_come_in_the_contracts_order_when_several_are_due(
    edge: Edge, system: System, session: SessionKey, body: dict[str, Any], key: str | None, expected: tuple[int, Any]
) -> None:
    """The request, then the session, then the repeat, then what is there, then the state of it."""
    edge.call("decide_approval", headers={"Idempotency-Key": "k"})
    system.update(session, is_active=False)

    response = edge.call("decide_approval", body, headers={"Idempotency-Key": key} if key else {})

    assert (response.status, response.json.get("code")) == expected
    assert (response.headers.get("Idempotent-Replayed") == "true") is (response.status == 200)


@pytest.mark.usefixtures("asked")
def test_decide_approval_answers_409_when_it_was_decided(edge: Edge) -> None:
    """A decision has one winner."""
    edge.call("decide_approval")

    response = edge.call("decide_approval", {"decision": "reject"})

    assert (response.status, response.code) == (409, "APPROVAL_ALREADY_DECIDED")


@pytest.mark.usefixtures("asked")
def test_decide_approval_answers_409_when_its_time_is_over(edge: Edge, system: System, session: SessionKey) -> None:
    """And the expiry is written by this very request."""
    fake_clock(system).advance(300)

    response = edge.call("decide_approval")

    assert (response.status, response.code) == (409, "APPROVAL_EXPIRED")
    assert system.facts(session)[-3:] == ["ApprovalExpired", "MessageAdded", "TurnRequested"]
    assert system.events(session)[-1].trace.correlation_id == "sample-decide_approval"


def test_sample_decides_what_the_facts_samples_ask() -> None:
    """Samples tell one story."""
    asked = fact_sample("ApprovalRequested")["detail"]["data"]

    assert approval_path(asked["approval_id"]) == approval_path("a-12-0")
