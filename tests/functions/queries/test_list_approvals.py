"""GET /sessions/{session_id}/approvals."""

import pytest

from domain.model.value import CallId
from tests.support.asking import ARGUMENTS
from tests.support.edge import Edge
from tests.support.hostile import IDS


def test_list_approvals_answers_200_when_sample_is_sent(edge: Edge, asked: CallId) -> None:
    """The answer holds the contract's Approval, as a person must see it to decide."""
    response = edge.call("list_approvals", query=None)

    assert response.status == 200
    (item,) = response.json["items"]
    assert item == {
        "id": f"a-{asked}",
        "request_type": "tool",
        "subject": "write_file",
        "arguments": ARGUMENTS,
        "arguments_sha256": item["arguments_sha256"],
        "call_id": asked,
        "status": "pending",
        "created_at": "2026-01-01T12:00:00Z",
        "expires_at": "2026-01-01T12:05:00Z",
    }
    assert len(item["arguments_sha256"]) == 64


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("status", "count"), [("pending", 1), ("approved", 0), ("expired", 0), ("cancelled", 0)])
def test_list_approvals_holds_one_status_when_one_is_asked_for(edge: Edge, status: str, count: int) -> None:
    """Any of the contract's."""
    response = edge.call("list_approvals", query={"status": status})

    assert (response.status, len(response.json["items"])) == (200, count)


@pytest.mark.usefixtures("session")
def test_list_approvals_is_empty_when_nobody_was_asked(edge: Edge) -> None:
    """Nothing to decide is no error."""
    assert edge.call("list_approvals").json == {"items": []}


@pytest.mark.parametrize(
    ("query", "field"), [({"status": "maybe"}, "status"), ({"status": ""}, "status"), ({"limit": "1"}, "limit")]
)
def test_list_approvals_answers_422_when_a_parameter_does_not_fit(
    edge: Edge, query: dict[str, str], field: str
) -> None:
    """The answer names it."""
    response = edge.call("list_approvals", query=query)

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("session_id", IDS)
def test_list_approvals_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("list_approvals", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_list_approvals_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """Approvals are a session's."""
    response = edge.call("list_approvals")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")
