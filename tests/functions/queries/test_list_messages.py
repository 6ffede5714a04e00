"""GET /sessions/{session_id}/messages."""

import pytest

from domain.model.value import CallId, SessionKey
from tests.support.edge import Edge
from tests.support.hostile import IDS


def test_list_messages_answers_200_when_sample_is_sent(edge: Edge, session: SessionKey, waiting: CallId) -> None:
    """The answer is a page of the contract's Messages, calls with their status included."""
    response = edge.call("list_messages")

    assert response.status == 200
    assert response.json == {
        "items": [
            {
                "seq": 3,
                "turn": 1,
                "id": f"{session.session_id}:3",
                "role": "user",
                "content": "What does README.md say?",
                "created_at": "2026-01-01T12:00:00Z",
            },
            {
                "seq": 9,
                "turn": 1,
                "id": f"{session.session_id}:9",
                "role": "assistant",
                "agent": "ask",
                "content": "",
                "tool_calls": [
                    {
                        "call_id": waiting,
                        "tool": "read_file",
                        "arguments": {"path": "README.md"},
                        "status": "pending",
                    }
                ],
                "usage": {"input_tokens": 0, "output_tokens": 0},
                "created_at": "2026-01-01T12:00:00Z",
            },
        ],
        "next_after": 9,
        "has_more": False,
    }


@pytest.mark.usefixtures("waiting")
def test_list_messages_goes_on_where_the_page_ended_when_there_is_more(edge: Edge) -> None:
    """`next_after` is what to send next, and `has_more` says whether anything will come."""
    first = edge.call("list_messages", query={"limit": "1"}).json
    second = edge.call("list_messages", query={"limit": "1", "after": str(first["next_after"])}).json

    assert [(page["items"][0]["seq"], page["has_more"]) for page in (first, second)] == [(3, True), (9, False)]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("query", [None, {}, {"after": "0"}, {"after": "999999999999", "limit": "200"}, {"limit": "1"}])
def test_list_messages_answers_with_the_cursor_sent_when_nothing_came(edge: Edge, query: dict[str, str] | None) -> None:
    """An empty page still says what to send next; every parameter is optional."""
    response = edge.call("list_messages", query=query)

    assert response.status == 200
    assert response.json == {"items": [], "next_after": int((query or {}).get("after", "0")), "has_more": False}


@pytest.mark.parametrize("name", ["after", "limit"])
@pytest.mark.parametrize(
    "value",
    ["-1", "1000000000000", "201.5", "x", "", " ", "1e9999", "nan", "inf", "null", "9" * 5000, "\u0661", "\ud800"],
)
def test_list_messages_answers_422_when_a_number_is_out_of_its_limits(edge: Edge, name: str, value: str) -> None:
    """Cursor and limit are whole numbers within their bounds."""
    response = edge.call("list_messages", query={name: value})

    assert (response.status, response.wrong_fields) == (422, [name])


@pytest.mark.parametrize("limit", ["0", "201"])
def test_list_messages_answers_422_when_the_limit_is_outside_1_to_200(edge: Edge, limit: str) -> None:
    """A page holds 1 to 200 messages."""
    response = edge.call("list_messages", query={"limit": limit})

    assert (response.status, response.wrong_fields) == (422, ["limit"])


def test_list_messages_names_every_wrong_field_when_there_are_several(edge: Edge) -> None:
    """A client learns everything at once."""
    response = edge.call("list_messages", query={"limit": "0", "after": "x"}, path={"session_id": ".."})

    assert (response.status, sorted(response.wrong_fields)) == (422, ["after", "limit", "session_id"])


def test_list_messages_answers_422_when_a_parameter_is_unknown(edge: Edge) -> None:
    """`wait` belongs to events."""
    response = edge.call("list_messages", query={"wait": "1"})

    assert (response.status, response.wrong_fields) == (422, ["wait"])


@pytest.mark.parametrize("session_id", IDS)
def test_list_messages_answers_422_when_the_path_is_hostile(edge: Edge, session_id: str) -> None:
    """Nothing but an id reaches the store."""
    response = edge.call("list_messages", path={"session_id": session_id})

    assert (response.status, response.wrong_fields) == (422, ["session_id"])


def test_list_messages_answers_404_when_there_is_no_session(edge: Edge) -> None:
    """An empty tail and a missing session are told apart."""
    response = edge.call("list_messages")

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")
