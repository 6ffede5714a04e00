"""PATCH /sessions/{session_id}."""

from typing import Any

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS


def test_update_session_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The answer is the contract's Session as it is now."""
    response = edge.call("update_session")

    assert response.status == 200
    assert response.json == edge.call("get_session").json
    assert (response.json["id"], response.json["title"]) == (session.session_id, "Second look")
    assert "Location" not in response.headers


@pytest.mark.usefixtures("waiting")
def test_update_session_stops_everything_when_it_deactivates(edge: Edge) -> None:
    """From then on commands are refused, until it activates."""
    response = edge.call("update_session", {"is_active": False})

    assert (response.status, response.json["is_active"], response.json["turn"]["status"]) == (200, False, "idle")
    assert [edge.call(name).code for name in ("add_message", "switch_agent", "update_session", "add_tool_result")] == [
        "SESSION_INACTIVE"
    ] * 4
    assert edge.call("update_session", {"is_active": True}).json["is_active"] is True
    assert edge.call("add_message").status == 202


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "body"),
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"is_active": "maybe"}, "is_active"),
        ({"agent": "ask"}, "agent"),
        ({"idempotency_key": "k"}, "idempotency_key"),
    ],
)
def test_update_session_answers_422_when_a_field_does_not_fit(edge: Edge, fields: Any, wrong: str) -> None:
    """Something must be asked for, and it must fit."""
    response = edge.call("update_session", fields)

    assert (response.status, response.wrong_fields) == (422, [wrong])


@pytest.mark.parametrize("session_id", IDS)
def test_update_session_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """What stands in the path is checked like everything else."""
    response = edge.call("update_session", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_update_session_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """Nothing is made by changing it."""
    response = edge.call("update_session")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")
