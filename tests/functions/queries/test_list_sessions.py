"""GET /sessions."""

import pytest

from domain.model.value import SessionKey
from tests.domain.queries.test_list_sessions import HOSTILE_CURSORS
from tests.support.builders import fake_clock
from tests.support.edge import Edge
from tests.support.system import System


def test_list_sessions_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey) -> None:
    """The answer is a page of the contract's SessionListItems."""
    response = edge.call("list_sessions")

    assert response.status == 200
    assert response.json == {
        "items": [
            {
                "id": session.session_id,
                "title": "First look",
                "is_active": True,
                "created_at": "2026-01-01T12:00:00Z",
                "last_activity_at": "2026-01-01T12:00:00Z",
            }
        ]
    }


def test_list_sessions_goes_on_where_the_page_ended_when_there_is_more(edge: Edge, system: System) -> None:
    """`next_cursor` is what to send next; the last page has none."""
    edge.call("create_session", {"session_id": "a"})
    fake_clock(system).advance(1)
    edge.call("create_session", {"session_id": "b"})

    first = edge.call("list_sessions", query={"limit": "1"}).json
    second = edge.call("list_sessions", query={"limit": "1", "cursor": first["next_cursor"]}).json

    assert [item["id"] for page in (first, second) for item in page["items"]] == ["b", "a"]
    assert "next_cursor" not in second


def test_list_sessions_tells_inactive_ones_when_asked_for(edge: Edge, system: System, session: SessionKey) -> None:
    """They are left out otherwise."""
    system.update(session, is_active=False)

    assert edge.call("list_sessions").json == {"items": []}
    (told,) = edge.call("list_sessions", query={"include_inactive": "true"}).json["items"]
    assert told["is_active"] is False


@pytest.mark.parametrize("cursor", HOSTILE_CURSORS)
def test_list_sessions_answers_422_when_the_cursor_was_not_given_out(edge: Edge, cursor: str) -> None:
    """A forged cursor is a wrong field."""
    response = edge.call("list_sessions", query={"cursor": cursor})

    assert (response.status, response.wrong_fields) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "101"), ("limit", "x"), ("include_inactive", "maybe"), ("after", "1"), ("user", "bob")],
)
def test_list_sessions_answers_422_when_a_parameter_does_not_fit(edge: Edge, name: str, value: str) -> None:
    """The answer names the wrong one."""
    response = edge.call("list_sessions", query={name: value})

    assert (response.status, response.wrong_fields) == (422, [name])


@pytest.mark.usefixtures("session")
def test_list_sessions_tells_nothing_of_others(edge: Edge) -> None:
    """Somebody else's list is his own."""
    bob = {"iss": "https://issuer.example", "sub": "bob"}

    assert edge.call("list_sessions", authorizer=bob).json == {"items": []}
