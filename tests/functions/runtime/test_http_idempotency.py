"""`Idempotency-Key`: a repeat of any command gets the answer of the first time, whatever has become of the session."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.model.idempotency import KEPT
from domain.model.value import SessionKey
from tests.support.builders import fake_clock
from tests.support.edge import Edge, Response
from tests.support.samples import sample
from tests.support.system import System

COMMANDS = ["create_session", "update_session", "add_message", "add_tool_result", "switch_agent"]
OF_SESSION = COMMANDS[1:]
CHANGED: dict[str, dict[str, Any]] = {
    "create_session": {"title": "Another"},
    "update_session": {"title": "Another"},
    "add_message": {"content": "Another."},
    "add_tool_result": {"call_id": "11-0", "error": "Another."},
    "switch_agent": {"target_agent": "ask"},
}
"""Another request of each kind."""


def send(edge: Edge, name: str, key: str | None = "k", fields: Any = None, **changes: Any) -> Response:
    """Send a command with an idempotency key."""
    headers = sample(name)["headers"] | ({"idempotency-KEY": key} if key is not None else {})
    if name == "create_session" and fields is None:
        fields = {"session_id": "fresh"}  # the sample's is there already
    return edge.call(name, fields, headers=headers, **changes)


def deactivate(edge: Edge) -> None:
    """Let the session take no commands; its turn and its calls end with it."""
    assert edge.call("update_session", {"is_active": False}).status == 200


def keep_busy(edge: Edge) -> None:
    """Let a turn run, and another one wait."""
    edge.call("add_message", {"content": "Go on."})
    edge.call("add_message", {"content": "And on."})


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("meanwhile", [lambda _: None, deactivate, keep_busy], ids=["nothing", "inactive", "busy"])
@pytest.mark.parametrize("name", COMMANDS)
def test_repeat_gets_the_same_answer_when_it_has_its_key(
    edge: Edge, system: System, session: SessionKey, name: str, meanwhile: Callable[[Edge], None]
) -> None:
    """It is recognised before state is judged, says so in a header, and changes nothing."""
    first = send(edge, name)
    meanwhile(edge)
    before = system.session(session)

    again = send(edge, name)

    assert (again.status, again.body) == (first.status, first.body)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers == first.headers | {"Idempotent-Replayed": "true"}
    assert system.session(session) == before


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("name", COMMANDS)
def test_command_answers_422_when_its_key_came_with_another_request(
    edge: Edge, system: System, session: SessionKey, name: str
) -> None:
    """Before state is judged, too, and nothing is written."""
    send(edge, name)
    deactivate(edge)
    before = system.session(session)

    response = send(edge, name, fields=CHANGED[name])

    assert (response.status, response.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert "Idempotent-Replayed" not in response.headers
    assert system.session(session) == before


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("name", OF_SESSION)
def test_repeat_answers_404_when_the_session_is_somebody_elses(edge: Edge, name: str) -> None:
    """The session comes before the repeat: nothing of an answer reaches another user."""
    send(edge, name)

    response = send(edge, name, authorizer={"iss": "https://issuer.example", "sub": "bob"})

    assert (response.status, response.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.usefixtures("waiting")
def test_key_serves_each_route_when_it_is_the_same(edge: Edge) -> None:
    """One key for everything a client does is enough."""
    answers = [send(edge, name) for name in ("create_session", "update_session", "add_tool_result", "add_message")]

    assert [answer.status for answer in answers] == [201, 200, 202, 202]
    assert not any("Idempotent-Replayed" in answer.headers for answer in answers)


@pytest.mark.usefixtures("session")
def test_key_serves_each_session_and_user_when_it_is_the_same(edge: Edge) -> None:
    """Keys are told apart by whose they are."""
    bob = {"iss": "https://issuer.example", "sub": "bob"}
    other = edge.call("create_session", {"session_id": "other"}).json["id"]

    first = send(edge, "add_message")
    second = send(edge, "add_message", path={"session_id": other})
    mine, his = send(edge, "create_session", fields={}), send(edge, "create_session", fields={}, authorizer=bob)

    assert not any("Idempotent-Replayed" in answer.headers for answer in (first, second, mine, his))
    assert mine.json["id"] != his.json["id"]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("key", ["#", "a#b", "a b", "x" * 128, '~!/\\"', "IDEM#AddMessage#k", "0"])
def test_key_is_taken_when_it_is_printable_ascii(edge: Edge, key: str) -> None:
    """1 to 128 characters, whatever they mean elsewhere."""
    assert send(edge, "add_message", key).status == 202
    assert send(edge, "add_message", key).headers["Idempotent-Replayed"] == "true"


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("key", ["", "x" * 129, "é", "a\n", "a\tb", "\0", "\x7f", "\ud800", "ключ"])
@pytest.mark.parametrize("name", COMMANDS)
def test_command_answers_422_when_its_key_does_not_fit(edge: Edge, name: str, key: str) -> None:
    """Nothing is carried out under a key that cannot be kept."""
    response = send(edge, name, key)

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.wrong_fields == ["idempotency_key"]


@pytest.mark.parametrize("name", COMMANDS)
def test_command_answers_422_when_the_key_stands_in_the_body(edge: Edge, name: str) -> None:
    """It is a header and nothing else."""
    fields = json.loads(sample(name)["body"]) | {"idempotency_key": "k"}

    assert edge.call(name, fields).wrong_fields == ["idempotency_key"]


@pytest.mark.usefixtures("session")
def test_query_pays_no_heed_when_it_has_a_key(edge: Edge) -> None:
    """Reading twice is harmless."""
    assert "Idempotent-Replayed" not in send(edge, "get_session").headers
    assert "Idempotent-Replayed" not in send(edge, "get_session").headers


@pytest.mark.usefixtures("session")
def test_key_can_be_used_again_when_a_day_has_passed(edge: Edge, system: System) -> None:
    """The old receipt may still be stored; the request is a new one."""
    first = send(edge, "add_message")
    fake_clock(system).advance(KEPT.total_seconds())

    second = send(edge, "add_message")

    assert (second.status, "Idempotent-Replayed" in second.headers) == (202, False)
    assert second.json["seq"] > first.json["seq"]


@pytest.mark.usefixtures("session")
def test_refusal_is_not_remembered_when_a_command_was_not_carried_out(edge: Edge) -> None:
    """The same request may succeed later."""
    edge.call("add_message")
    assert send(edge, "switch_agent", fields={"target_agent": "ask"}).code == "SESSION_BUSY"
    edge.call("update_session", {"is_active": False})
    edge.call("update_session", {"is_active": True})

    again = send(edge, "switch_agent", fields={"target_agent": "ask"})

    assert (again.status, "Idempotent-Replayed" in again.headers) == (200, False)


@pytest.mark.usefixtures("session")
def test_repeat_changes_nothing_when_the_first_found_nothing_to_change(edge: Edge) -> None:
    """What was asked for once and was so already is not done later, when it is no longer so."""
    first = send(edge, "update_session", fields={"title": "First look"})
    edge.call("update_session", {"title": "Second look"})

    again = send(edge, "update_session", fields={"title": "First look"})

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert edge.call("get_session").json["title"] == "Second look"
    assert send(edge, "update_session", fields={"title": "Third"}).code == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("content", ["x" * 100_000, "\U0001f600" * 100_000], ids=["inline", "kept apart"])
def test_repeat_shows_large_content_as_the_first_answer_did(edge: Edge, content: str) -> None:
    """Beginning and address included."""
    first = send(edge, "add_message", fields={"content": content})

    assert send(edge, "add_message", fields={"content": content}).body == first.body


@pytest.mark.parametrize("depth", [1, 150, 195])
@pytest.mark.parametrize("number", ["1", "1e308", "-0.0", "9" * 400])
def test_any_result_can_be_repeated_when_it_is_json(edge: Edge, waiting: str, depth: int, number: str) -> None:
    """Deep, large and odd values have a fingerprint like all others."""
    body = f'{{"call_id": "{waiting}", "result": {"[" * depth}{number}{"]" * depth}}}'

    first, again = send(edge, "add_tool_result", body=body), send(edge, "add_tool_result", body=body)

    assert (first.status, again.body) == (202, first.body)
