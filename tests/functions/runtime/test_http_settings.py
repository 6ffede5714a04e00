"""Tools and policies as hostile clients send them to POST and PATCH /sessions: refused by field, never an error."""

import json
import time
from typing import Any

import pytest

from tests.domain.model.test_patterns import BOMBS, TOO_LARGE
from tests.support.edge import Edge

TOOL: dict[str, Any] = {
    "name": "deploy",
    "description": "Deploy a branch.",
    "parameters": {"type": "object", "properties": {"branch": {"type": "string"}}},
    "agents": ["coder"],
}
RULE: dict[str, Any] = {"request_type": "tool", "subject": "deploy", "action": "ask"}


def nested(levels: int, inside: str, wrap: str) -> str:
    """JSON text with `wrap` around `inside`, so many times."""
    before, after = wrap.split("…")
    return before * levels + inside + after * levels


def with_schema(schema: str) -> str:
    """A request with one tool of that schema."""
    tool = json.dumps(TOOL | {"parameters": "…"})
    return '{"tools": [' + tool.replace(json.dumps("…"), schema) + "]}"


def with_conditions(conditions: str) -> str:
    """A request with one rule of those conditions."""
    rule = json.dumps(RULE | {"conditions": "…"})
    return '{"policies": [' + rule.replace(json.dumps("…"), conditions) + "]}"


HOSTILE_TOOLS: dict[str, str] = {
    "null": '{"tools": null}',
    "an object": '{"tools": {}}',
    "a list of lists": '{"tools": [[]]}',
    "a deep schema": with_schema(nested(90, "{}", '{"type":"array","items":…}')),
    "a deep choice": with_schema(nested(90, "{}", '{"anyOf":[…]}')),
    "a deep default": with_schema(nested(150, "1", "[…]").join(('{"type":"object","default":', "}"))),
    "an endless number": with_schema('{"type":"object","properties":{"x":{"const":1e999}}}'),
    "an endless bound": with_schema('{"type":"object","properties":{"x":{"type":"number","maximum":1e999}}}'),
    "a huge number": with_schema(
        '{"type":"object","properties":{"x":{"type":"string","minLength":' + "9" * 4000 + "}}}"
    ),
    "a reference": with_schema('{"type":"object","$ref":"http://127.0.0.1/"}'),
    "a reference to itself": with_schema('{"type":"object","properties":{"x":{"$ref":"#"}}}'),
    "a NUL in a keyword": with_schema('{"type":"object","\\u0000":1}'),
    "a name like ours": json.dumps({"tools": [TOOL | {"name": "read_file"}]}),
    "33 tools": json.dumps({"tools": [TOOL | {"name": f"t{n}"} for n in range(33)]}),
    "half a million tools": '{"tools": [' + "{}," * 500_000 + "{}]}",
    "32 KB and a byte": json.dumps({"tools": [TOOL | {"parameters": {"type": "object", "title": "x" * 32768}}]}),
    "4 MB of words": json.dumps({"tools": [TOOL | {"description": "x" * 4_000_000}]}),
}
HOSTILE_POLICIES: dict[str, str] = {
    "an object": '{"policies": {}}',
    "null inside": '{"policies": [null]}',
    "a deep value": with_conditions('{"x_eq":' + nested(150, "1", "[…]") + "}"),
    "an endless number": with_conditions('{"x_gt":1e999}'),
    "an endless number inside": with_conditions('{"x_eq":[1e999]}'),
    "an unknown operator": with_conditions('{"x__class__":1}'),
    "an operator alone": with_conditions('{"_eq":1}'),
    "a NUL for a name": with_conditions('{"\\u0000":1}'),
    "conditions in a list": with_conditions('[["x_eq",1]]'),
    "51 rules": json.dumps({"policies": [RULE] * 51}),
    "half a million rules": '{"policies": [' + "{}," * 500_000 + "{}]}",
    "32 KB of reasons": json.dumps({"policies": [RULE | {"reason": "x" * 2000}] * 20}),
    "a thousand patterns": json.dumps(
        {"policies": [RULE | {"conditions": {f"{n}_{m}_matches": r"\w{99}" for m in range(20)}} for n in range(45)]}
    ),
}


def is_refused(edge: Edge, function: str, body: str, field: str) -> None:
    """Check that a body is refused within a second, by the field's name and with no word that is ours alone."""
    began = time.process_time()
    response = edge.call(function, body=body)
    took = time.process_time() - began

    assert (response.status, response.code) == (422, "VALIDATION_ERROR")
    assert {wrong.split(".")[0] for wrong in response.wrong_fields} == {field}
    assert len(response.wrong_fields) <= 20
    assert took < 1


@pytest.mark.parametrize("what", HOSTILE_TOOLS)
def test_create_session_answers_422_when_its_tools_are_hostile(edge: Edge, what: str) -> None:
    """Each is told by its field."""
    is_refused(edge, "create_session", HOSTILE_TOOLS[what], "tools")


@pytest.mark.parametrize("what", HOSTILE_POLICIES)
def test_create_session_answers_422_when_its_policies_are_hostile(edge: Edge, what: str) -> None:
    """Each is told by its field."""
    is_refused(edge, "create_session", HOSTILE_POLICIES[what], "policies")


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("what", HOSTILE_POLICIES)
def test_update_session_answers_422_when_its_policies_are_hostile(edge: Edge, what: str) -> None:
    """No milder than at the beginning."""
    is_refused(edge, "update_session", HOSTILE_POLICIES[what], "policies")


@pytest.mark.parametrize("pattern", [*BOMBS, *TOO_LARGE])
def test_pattern_is_taken_or_refused_within_a_second_when_it_is_a_bomb(edge: Edge, pattern: str) -> None:
    """In a rule as in a schema."""
    schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
    began = time.process_time()

    by_rule = edge.call(
        "create_session", {"session_id": "a", "policies": [RULE | {"conditions": {"x_matches": pattern}}]}
    )
    by_tool = edge.call("create_session", {"session_id": "b", "tools": [TOOL | {"parameters": schema}]})

    assert {by_rule.status, by_tool.status} <= {201, 422}
    assert by_rule.status == by_tool.status
    assert time.process_time() - began < 1


@pytest.mark.usefixtures("session")
def test_update_session_answers_422_when_tools_are_given(edge: Edge) -> None:
    """They are declared once, when the session begins."""
    response = edge.call("update_session", {"tools": [TOOL]})

    assert (response.status, response.wrong_fields) == (422, ["tools"])


def test_sessions_answer_alike_when_they_have_settings(edge: Edge) -> None:
    """What a client set is not told again."""
    plain = edge.call("create_session", {"session_id": "a"})
    ruled = edge.call("create_session", {"session_id": "b", "tools": [TOOL], "policies": [RULE]})

    assert (plain.status, ruled.status) == (201, 201)
    assert plain.json | {"id": "b"} == ruled.json


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ({"type": "object", "items": {"anyOf": [{}], "const": 1}}, ["parameters.items"]),
        ({"type": "object", "properties": {"a": {"maxLength": 0.5}}}, ["parameters.properties.a.maxLength"]),
        ({"anyOf": []}, ["parameters.anyOf"]),
        ({"type": "object", "properties": {"none": {"enum": []}}}, ["parameters.properties.none.enum"]),
    ],
)
def test_refusal_names_the_clients_fields_when_a_schema_is_wrong_deep_inside(
    edge: Edge, schema: dict[str, Any], fields: list[str]
) -> None:
    """The way to a fault leads through what was sent; types and functions of ours are nowhere on it."""
    tool = {"name": "deploy", "description": "Deploy.", "parameters": schema, "agents": ["coder"]}

    response = edge.call("create_session", {"tools": [tool]})

    assert (response.status, response.wrong_fields) == (422, [f"tools.0.{field}" for field in fields])
    assert "None" not in response.body
