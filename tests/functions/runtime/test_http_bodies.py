"""Bodies: what is read, what is refused, and in which order."""

import base64
import json
from typing import Any

import pytest

from domain.model.value import SessionKey
from functions.runtime.http import MAX_BODY_BYTES
from functions.runtime.problems import MAX_ERRORS
from tests.support.edge import Edge
from tests.support.hostile import NO_JSON_OBJECTS

COMMANDS = ("create_session", "add_message", "add_tool_result")


def encoded(body: bytes) -> dict[str, Any]:
    """Return the fields of an event whose body the gateway took for binary."""
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


@pytest.mark.parametrize("function", COMMANDS)
@pytest.mark.parametrize("body", NO_JSON_OBJECTS.values(), ids=NO_JSON_OBJECTS.keys())
def test_edge_answers_400_when_the_body_is_no_json_object(edge: Edge, function: str, body: str) -> None:
    """Every command says in the same words what a body must be."""
    response = edge.call(function, body=body)

    assert (response.status, response.code) == (400, "MALFORMED_JSON")
    assert response.json["detail"].startswith("The body must be one JSON object in UTF-8")
    assert "errors" not in response.json


@pytest.mark.parametrize(
    "body", [b"\xff\xfe{\x00}\x00", b'{"content": "\xe9"}', b'{"content": "\xed\xa0\x80"}', b"\x80", b"\x00"]
)
def test_edge_answers_400_when_a_binary_body_is_no_utf8(edge: Edge, body: bytes) -> None:
    """Only UTF-8 is JSON here."""
    response = edge.call("add_message", **encoded(body))

    assert (response.status, response.code) == (400, "MALFORMED_JSON")


@pytest.mark.parametrize("body", ["x", "e30", "===", "é", "\ud800"])
def test_edge_answers_400_when_base64_is_broken(edge: Edge, body: str) -> None:
    """A body that was announced as base64 and is none is the sender's mistake."""
    response = edge.call("add_message", body=body, isBase64Encoded=True)

    assert (response.status, response.code) == (400, "MALFORMED_JSON")


@pytest.mark.usefixtures("session")
def test_edge_reads_the_body_when_it_is_base64(edge: Edge) -> None:
    """A gateway that took the body for binary changes nothing."""
    response = edge.call("add_message", **encoded('{"content": "é"}'.encode()))

    assert (response.status, response.json["content"]) == (202, "é")


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "body", ['\n\t {"content": "x"}\r\n', '{"content": "y", "content": "x"}', '{"content": "\\u0078"}']
)
def test_edge_reads_the_body_when_json_is_written_otherwise(edge: Edge, body: str) -> None:
    """White space, escapes and a repeated name are JSON too; the last of the same name counts."""
    response = edge.call("add_message", body=body)

    assert (response.status, response.json["content"]) == (202, "x")


@pytest.mark.parametrize("is_base64", [True, False])
def test_edge_answers_413_when_the_body_is_a_byte_too_large(edge: Edge, *, is_base64: bool) -> None:
    """Bodies have at most 5 MB, counted as they were sent and before anything reads them."""
    body = " " * (MAX_BODY_BYTES + 1)

    response = edge.call("add_message", **(encoded(body.encode()) if is_base64 else {"body": body}))

    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


def test_edge_counts_bytes_when_the_body_has_other_characters(edge: Edge) -> None:
    """A character of four bytes counts four."""
    response = edge.call("add_message", body="😀" * (MAX_BODY_BYTES // 4 + 1))

    assert response.status == 413


def test_edge_reads_the_body_when_it_has_exactly_the_largest_size(edge: Edge) -> None:
    """The limit belongs to what is allowed; what is in it is then judged by itself."""
    frame = len(json.dumps({"content": ""}))

    response = edge.call("add_message", {"content": "x" * (MAX_BODY_BYTES - frame)})

    assert (response.status, response.wrong_fields) == (422, ["content"])


@pytest.mark.usefixtures("waiting")
def test_edge_takes_a_result_when_it_fills_the_largest_body(edge: Edge) -> None:
    """A result may be as large as its body."""
    frame = len(json.dumps({"call_id": "11-0", "result": ""}))

    response = edge.call("add_tool_result", {"call_id": "11-0", "result": "x" * (MAX_BODY_BYTES - frame)})

    assert (response.status, len(response.json["content"])) == (202, 4096)


@pytest.mark.parametrize(
    ("function", "field"),
    [
        ("create_session", "user"),
        ("create_session", "trace"),
        ("create_session", "is_active"),
        ("create_session", ""),
        ("add_message", "user"),
        ("add_message", "trace"),
        ("add_message", "session_id"),
        ("add_message", "role"),
        ("add_tool_result", "user"),
        ("add_tool_result", "trace"),
        ("add_tool_result", "session_id"),
        ("add_tool_result", "status"),
        ("add_tool_result", "model_config"),
    ],
)
def test_edge_answers_422_naming_the_field_when_it_is_unknown(edge: Edge, function: str, field: str) -> None:
    """What the contract does not have is refused, above all what only token and path may say."""
    response = edge.call(function, {field: "x"})

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert response.json["errors"] == [{"field": field, "message": "there is no such field"}]


@pytest.mark.parametrize("function", COMMANDS)
@pytest.mark.parametrize("field", ["content", "user", "session_id", "force"])
def test_edge_answers_422_when_a_command_has_parameters(edge: Edge, function: str, field: str) -> None:
    """A command says everything in its body; a parameter would be passed over in silence."""
    response = edge.call(function, query={field: "x"})

    assert (response.status, response.wrong_fields) == (422, [field])


def test_edge_names_no_more_than_twenty_fields_when_thousands_are_wrong(edge: Edge) -> None:
    """An answer stays small, whatever was sent: Lambda gives back 6 MB at most."""
    response = edge.call("add_message", {f"f{number}": 0 for number in range(20_000)})

    assert response.status == 422
    assert len(response.json["errors"]) == MAX_ERRORS
    assert len(response.body) < 3000


def test_edge_cuts_a_field_name_when_it_is_long(edge: Edge) -> None:
    """A field is named by its first hundred characters."""
    response = edge.call("add_message", {"😀" * 1000: 0})

    assert response.wrong_fields == ["😀" * 100]


def test_edge_repeats_no_value_when_it_refuses_one(edge: Edge, session: SessionKey) -> None:
    """An error says what is wrong without the text that was sent."""
    response = edge.call("add_message", {"content": ["my secret"], "agent": "my secret", "on_busy": "my secret"})

    assert response.status == 422
    assert "secret" not in response.body
    assert session.user not in response.body


ORDER: tuple[tuple[int, dict[str, Any]], ...] = (
    (401, {"authorizer": {}, "body": "x" * (MAX_BODY_BYTES + 1)}),
    (413, {"body": "x" * (MAX_BODY_BYTES + 1), "path": {"session_id": ".."}}),
    (400, {"body": "x", "path": {"session_id": ".."}, "query": {"x": "1"}}),
    (422, {"body": "{}", "path": {"session_id": "never"}}),
    (404, {"body": '{"content": "x", "agent": "coder"}', "path": {"session_id": "never"}}),
    (409, {"body": '{"content": "x", "agent": "coder"}'}),
)


@pytest.mark.usefixtures("single_agent", "session")
@pytest.mark.parametrize(("status", "changes"), ORDER)
def test_edge_answers_the_first_error_of_the_contract_when_there_are_several(
    edge: Edge, status: int, changes: dict[str, Any]
) -> None:
    """Who asks comes before how much, what, how, and whether it is there."""
    response = edge.call("add_message", **changes)

    assert response.status == status
