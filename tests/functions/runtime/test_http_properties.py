"""No input that anyone can think of makes the edge raise or answer 500."""

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.catalog import CATALOG, Route
from functions.runtime.problems import STATUSES
from tests.support.asking import ask_sample
from tests.support.builders import calls, reads, routes_to, scripted_model
from tests.support.edge import Edge, Response
from tests.support.plans import fail_plan
from tests.support.samples import sample_key
from tests.support.system import memory_system

ROUTES = [row.name for row in CATALOG if isinstance(row.trigger, Route)]
COMMANDS = [row.name for row in CATALOG if isinstance(row.trigger, Route) and row.trigger.method != "GET"]

ANY_TEXT = st.text(st.characters())  # lone surrogates included
FIELDS = st.sampled_from(
    [
        *(
            "content",
            "agent",
            "on_busy",
            "title",
            "session_id",
            "call_id",
            "result",
            "error",
            "user",
            "trace",
            "action",
        ),
        *("decision", "modified_arguments", "feedback", "approval_id"),
    ]
)
LIKELY = st.sampled_from(
    ["11-0", "11-1", "ask", "approve", "edit", "enqueue", "interrupt", "x", "", "x" * 65, "😀" * 101]
)
NUMBERS = st.integers() | st.floats() | st.just(10**4000) | st.just(-(10**20))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT | LIKELY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT | FIELDS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(FIELDS | ANY_TEXT, JSON | LIKELY, max_size=5)
PARAMETERS = st.dictionaries(
    st.sampled_from(["after", "limit", "wait", "status", "session_id"]) | ANY_TEXT,
    ANY_TEXT | st.integers().map(str) | st.floats().map(str),
    max_size=4,
)
HEADERS = st.dictionaries(st.sampled_from(["X-Correlation-Id", "x-correlation-id", "Host"]) | ANY_TEXT, ANY_TEXT)


def lively_edge() -> Edge:
    """Return the edge of a system in which the samples' session waits for calls and its plan has failed."""
    system = memory_system()
    key = system.create(sample_key().session_id, sample_key().user)
    scripted_model(system).answers += [routes_to("ask"), calls(*reads("README.md"))]
    system.say(key)
    system.work(key)
    fail_plan(system, key)
    ask_sample(system, key)
    return Edge(system)


def assert_contract(response: Response) -> None:
    """Check what every answer has: an id, JSON in UTF-8, no defect, and a code that fits its status."""
    assert response.status != 500
    assert response.headers["X-Correlation-Id"].isascii()
    response.body.encode()
    if response.status >= 400:
        assert STATUSES[response.code] == response.json["status"] == response.status
        assert response.headers["Content-Type"] == "application/problem+json"


@given(st.sampled_from(COMMANDS), OBJECTS)
def test_edge_never_answers_500_whatever_object_a_command_gets(function: str, fields: dict[str, Any]) -> None:
    """Any JSON object is carried out or refused with a code."""
    assert_contract(lively_edge().call(function, fields))


@given(st.sampled_from(COMMANDS), JSON.map(json.dumps) | ANY_TEXT)
def test_edge_never_answers_500_whatever_text_a_command_gets(function: str, body: str) -> None:
    """Any text is JSON or refused."""
    assert_contract(lively_edge().call(function, body=body))


@given(st.sampled_from(COMMANDS), st.binary() | OBJECTS.map(lambda fields: json.dumps(fields).encode()))
def test_edge_never_answers_500_whatever_bytes_a_command_gets(function: str, body: bytes) -> None:
    """Any bytes are JSON or refused."""
    assert_contract(lively_edge().call(function, body=base64.b64encode(body).decode(), isBase64Encoded=True))


@given(st.sampled_from(ROUTES), st.none() | PARAMETERS)
def test_edge_never_answers_500_whatever_parameters_it_gets(function: str, query: dict[str, str] | None) -> None:
    """Any parameters are understood or refused, for queries and commands alike."""
    assert_contract(lively_edge().call(function, query=query))


@given(st.sampled_from(ROUTES), st.none() | HEADERS)
def test_edge_never_answers_500_whatever_headers_it_gets(function: str, headers: dict[str, str] | None) -> None:
    """Headers decide nothing but the correlation id."""
    response = lively_edge().call(function, headers=headers)

    assert_contract(response)
    assert response.status < 300 or function == "create_session"


@given(st.sampled_from(ROUTES), ANY_TEXT)
def test_edge_never_answers_500_whatever_the_path_says(function: str, session_id: str) -> None:
    """Any id in the path is found or not, or is none."""
    response = lively_edge().call(function, path={"session_id": session_id})

    assert_contract(response)
    assert response.status in {404, 422} or function in {"get_health", "create_session"}
