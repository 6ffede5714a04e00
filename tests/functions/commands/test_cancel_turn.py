"""POST /sessions/{session_id}/cancel."""

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS
from tests.support.system import System


@pytest.mark.usefixtures("waiting")
def test_cancel_turn_answers_202_when_sample_is_sent(edge: Edge, system: System, session: SessionKey) -> None:
    """The answer is the contract's Session, idle, and the same as a read gives."""
    response = edge.call("cancel_turn")

    assert response.status == 202
    assert response.json["turn"] == {"number": 1, "status": "idle"}
    assert response.json == edge.call("get_session").json
    assert system.facts(session)[-3:] == ["ToolCallCancelled", "MessageAdded", "TurnCancelled"]
    assert response.headers["X-Correlation-Id"] == "sample-cancel_turn"


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("body", [None, "", "{}"])
def test_cancel_turn_takes_no_body(edge: Edge, body: str | None) -> None:
    """There is nothing to say but which session."""
    assert edge.call("cancel_turn", body=body).status == 202


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("field", ["reason", "session_id", "user"])
def test_cancel_turn_answers_422_when_a_field_is_not_the_contracts(edge: Edge, field: str) -> None:
    """The answer names it."""
    response = edge.call("cancel_turn", {field: "x"})

    assert (response.status, response.wrong_fields) == (422, [field])


@pytest.mark.parametrize("session_id", IDS)
def test_cancel_turn_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("cancel_turn", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_cancel_turn_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """Nothing is stopped that is not there."""
    response = edge.call("cancel_turn")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


def test_cancel_turn_answers_409_when_the_session_is_inactive(edge: Edge, system: System, session: SessionKey) -> None:
    """An inactive session refuses commands."""
    system.update(session, is_active=False)

    response = edge.call("cancel_turn")

    assert (response.status, response.code) == (409, "SESSION_INACTIVE")
